import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionedRow, loadCaptioner } from '../../src/captioner/index.js';
import { type CaptionQueue, createCaptionQueue } from '../../src/jobs/caption-queue.js';
import { captionResultSchema } from '../../src/jobs/contract.js';
import type { JobStatus } from '../../src/jobs/job-status.js';
import { connectRedis } from '../../src/jobs/redis-connection.js';
import { pictures } from '../fixtures/images.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

describe.skipIf(noRedis)('the queue of caption jobs (redis-server is not installed)', () => {
  let folder: string;
  let model: string;
  let redis: TestRedis;
  let queue: CaptionQueue;
  const photo = (name: string) => join(folder, 'photos', name);
  const work = (...more: string[]) => {
    const args = [
      '--redis',
      redis.url,
      '--root',
      join(folder, 'photos'),
      '--model',
      model,
      '--stalled-after',
      '1',
    ];
    return TestWorker.start([...args, ...more]);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-queue-'));
    model = join(folder, 'model');
    await writeTinyBundle(model);
    await mkdir(join(folder, 'photos'));
    await writeFile(photo('a.jpg'), (await pictures['plain.jpg']?.()) ?? '');
    await writeFile(photo('broken.jpg'), 'no photo');
    for (let copy = 0; copy < 250; copy++) await copyFile(photo('a.jpg'), photo(`${copy}.jpg`));
    redis = await TestRedis.start();
    queue = await createCaptionQueue({ redis: redis.url });
  });
  afterAll(async () => {
    await queue?.close();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  const rowsOf = async (id: string) => {
    const rows = [];
    for await (const row of queue.rows(id)) rows.push(row);
    return rows;
  };

  describe('with a worker', () => {
    let worker: TestWorker;
    beforeAll(async () => {
      worker = await work();
    });
    afterAll(async () => {
      expect(await worker?.stop()).toBe(0);
    });

    it('gives the rows that the captioner gives, whatever the images come as, and tells of one that fails', async () => {
      const bytes = Buffer.from((await pictures['plain.jpg']?.()) ?? '');
      const images = [
        { id: 'first', path: 'a.jpg' },
        { path: photo('broken.jpg') },
        { base64: bytes.toString('base64') },
        { path: '../model/manifest.json' },
        { url: 'http://127.0.0.1/a.jpg' },
      ];
      const id = await queue.add({ images, options: { top: 2 } });
      const seen: JobStatus[] = [];
      const status = await queue.wait(id, { onProgress: (now) => seen.push(now) });
      expect(status).toMatchObject({ id, state: 'completed', images: 5, done: 5, failed: 3 });
      const rows = await rowsOf(id);
      expect(captionResultSchema.safeParse({ version: 1, results: rows }).success).toBe(true);
      expect(rows.map((row) => [row.image, 'error' in row ? row.error.code : row.captions.length])).toEqual([
        ['first', 2],
        [photo('broken.jpg'), 'IMAGE_UNSUPPORTED'],
        ['bytes', 2],
        ['../model/manifest.json', 'PATH_FORBIDDEN'],
        ['http://127.0.0.1/a.jpg', 'URL_FORBIDDEN'],
      ]);
      const captioner = await loadCaptioner(model, { threads: 1 });
      const [row] = await captioner.caption([bytes], { top: 2 });
      await captioner.close();
      expect(rows[2]).toMatchObject({ caption: (row as CaptionedRow).caption, model: 'tiny' });
    });

    it('refuses at once, with no further try, what is no job', async () => {
      const connection = await connectRedis(redis.url, () => {});
      const foreign = new Queue('legenda-caption', { connection: connection.client });
      const opts = { attempts: 5, backoff: 60_000 };
      const ids = await Promise.all([
        foreign.add('caption', { version: 2, images: [{ path: 'a.jpg' }] }, opts),
        foreign.add('captoin', { version: 1, images: [{ path: 'a.jpg' }] }, opts),
        foreign.add('caption', { version: 1, images: [{ path: 'a.jpg' }], model: 'other' }, opts),
        foreign.add(
          'caption',
          { version: 1, images: [{ path: 'a.jpg' }], options: { top: 2, beamWidth: 1 } },
          opts,
        ),
      ]);
      const failures = [];
      for (const { id } of ids) failures.push((await queue.wait(String(id))).failure?.code);
      expect(failures).toEqual(['JOB_INVALID', 'JOB_INVALID', 'MODEL_UNKNOWN', 'CONFIGURATION_INVALID']);
      await foreign.close();
      await connection.close();
    });

    it('refuses to take a job that is none', async () => {
      await expect(queue.add({ images: [] })).rejects.toMatchObject({ code: 'JOB_INVALID' });
    });

    it('spreads a long list over jobs and gathers the rows in order', async () => {
      const images = Array.from({ length: 250 }, (_, index) => ({ id: `${index}`, path: `${index}.jpg` }));
      images[120] = { id: '120', path: 'broken.jpg' };
      const id = await queue.addAll({ images });
      expect(await queue.wait(id)).toMatchObject({ state: 'completed', images: 250, done: 250, failed: 1 });
      const rows = await rowsOf(id);
      expect(rows.map(({ image }) => image)).toEqual(images.map(({ id }) => id));
      expect(rows.flatMap((row, index) => ('error' in row ? [index] : []))).toEqual([120]);
    });
  });

  it('tells of shards that fail as a whole: each of their images has a row with the reason', async () => {
    const images = Array.from({ length: 150 }, (_, index) => ({ id: `${index}`, path: `${index}.jpg` }));
    const worker = await work();
    const id = await queue.addAll({ images, model: 'other' });
    expect(await queue.wait(id)).toMatchObject({ state: 'completed', done: 150, failed: 150 });
    const rows = await rowsOf(id);
    expect(rows.map((row) => [row.image, 'error' in row && row.error.code])).toEqual(
      images.map((image) => [image.id, 'MODEL_UNKNOWN']),
    );
    await worker.stop();
  });

  /** Takes a job as a worker does, and does nothing with it until it is given back. */
  const hold = async () => {
    const connection = await connectRedis(redis.url, () => {});
    const holder = new Worker('legenda-caption', null, { connection: connection.client });
    const job = await holder.getNextJob('held');
    return {
      id: String(job?.id),
      giveBack: async () => {
        await job?.moveToWait('held');
        await holder.close();
        await connection.close();
      },
    };
  };

  it('keeps the rows of a list whose parts are removed before the rest is done, and tells of parts that never ran', async () => {
    const images = Array.from({ length: 250 }, (_, index) => ({ id: `${index}`, path: `${index}.jpg` }));
    const id = await queue.addAll({ images });
    const held = await hold();
    const [done, taken] = [0, 1, 2].map((shard) => `${id}-${shard}`).filter((part) => part !== held.id);
    expect(await queue.cancel(String(taken))).toBe('removed');
    const worker = await work();
    await queue.wait(String(done));
    expect(await queue.cancel(String(done))).toBe('removed');
    await held.giveBack();
    const lost = Number(taken?.slice(id.length + 1)) * 100;
    const size = Math.min(100, 250 - lost);
    expect(await queue.wait(id)).toMatchObject({ state: 'completed', images: 250, failed: size });
    const rows = await rowsOf(id);
    expect(rows).toHaveLength(250);
    for (const [index, row] of rows.entries()) {
      if (index < lost || index >= lost + size)
        expect(row).toMatchObject({ image: `${index}`, model: 'tiny' });
      else expect(row).toMatchObject({ image: `image ${index + 1}`, error: { code: 'JOB_NOT_FOUND' } });
    }
    await worker.stop();
  });

  it('takes back all of a list that is under way, however long', async () => {
    const images = Array.from({ length: 3000 }, () => ({ path: 'a.jpg' }));
    const id = await queue.addAll({ images });
    const held = await hold();
    expect(await queue.cancel(id)).toBe('stopping');
    await held.giveBack();
    const worker = await work('--remember', '0');
    expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CANCELLED' } });
    const rows = await rowsOf(id);
    expect(rows).toHaveLength(3000);
    expect(rows.filter((row) => !('error' in row && row.error.code === 'JOB_CANCELLED'))).toEqual([]);
    await worker.stop();
  }, 30_000);

  it('takes a long list from who was connected before Redis was started again', async () => {
    const images = Array.from({ length: 101 }, () => ({ path: 'a.jpg' }));
    const before = await queue.addAll({ images });
    const connection = await connectRedis(redis.url, () => {});
    // As it is then: Redis keeps no scripts on disk.
    await connection.redis.scriptFlush();
    await connection.close();
    const after = await queue.addAll({ images });
    expect(await queue.status(after)).toMatchObject({ state: 'waiting-children', images: 101 });
    for (const id of [before, after]) await queue.cancel(id);
  });

  it('has one job where the same is asked for twice, if that is wanted', async () => {
    const request = { images: [{ path: 'a.jpg' }] };
    const [first, second] = [
      await queue.add(request, { deduplicate: true }),
      await queue.add(request, { deduplicate: true }),
    ];
    expect(second).toBe(first);
    expect(await queue.add({ ...request, options: { top: 2 } }, { deduplicate: true })).not.toBe(first);
    await queue.drain();
  });

  it('begins jobs in their order: without priority, then 1, then 2; and a delayed one not before its time', async () => {
    const image = (id: string) => ({ images: [{ id, path: 'a.jpg' }] });
    const ids = [
      await queue.add(image('two'), { priority: 2 }),
      await queue.add(image('one'), { priority: 1 }),
      await queue.add(image('first')),
    ];
    const worker = await work('--concurrency', '1');
    const finished = await Promise.all(ids.map(async (id) => (await queue.wait(id)).finished ?? ''));
    expect(finished).toEqual([...finished].sort().reverse());
    const late = await queue.wait(await queue.add(image('late'), { delay: 300 }));
    expect(Date.parse(late.finished ?? '') - Date.parse(late.added)).toBeGreaterThanOrEqual(300);
    await worker.stop();
  });

  it('lists the latest of all states, without reading their images', async () => {
    const base64 = Buffer.alloc(3 << 20, 7).toString('base64');
    const added: string[] = [];
    for (const delay of [0, 60_000, 0, 60_000, 0]) {
      added.push(await queue.add({ images: [{ base64 }, { base64: 'aaaa' }] }, delay === 0 ? {} : { delay }));
      const { added: at } = await queue.status(String(added.at(-1)));
      while (Date.now() <= Date.parse(at));
    }
    const connection = await connectRedis(redis.url, () => {});
    const sent = async () =>
      Number(/total_net_output_bytes:(\d+)/.exec(await connection.redis.info('stats'))?.[1]);
    const before = await sent();
    const listed = await queue.list(['waiting', 'delayed', 'completed'], 3);
    expect((await sent()) - before).toBeLessThan(1e6);
    await connection.close();
    expect(listed.map(({ id }) => id)).toEqual(added.slice(2).reverse());
    expect(listed.map(({ state }) => state)).toEqual(['waiting', 'delayed', 'waiting']);
    expect(listed).toMatchObject([{ images: 2, done: 0 }, { images: 2 }, { images: 2 }]);
    for (const id of added) await queue.cancel(id);
  });

  it('takes back a job that waits, pauses, and tells of what there is not', async () => {
    const id = await queue.add({ images: [{ path: 'a.jpg' }] });
    expect((await queue.list(['waiting'], 10)).map((job) => job.id)).toContain(id);
    expect(await queue.cancel(id)).toBe('removed');
    await expect(queue.status(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(queue.cancel('nothing')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(queue.retry(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

describe.skipIf(noRedis)('a Redis that is not fit (redis-server is not installed)', () => {
  it('is refused where it may throw jobs away, and warned of where it forgets them', async () => {
    const redis = await TestRedis.start(['--save', '', '--maxmemory-policy', 'allkeys-lru']);
    await expect(createCaptionQueue({ redis: redis.url })).rejects.toMatchObject({
      code: 'REDIS_UNFIT',
      message: expect.stringContaining('noeviction'),
    });
    await redis.remove();
  });

  it('that is not there is told as such, and soon, without its password', async () => {
    const redis = 'redis://:secret@127.0.0.1:1';
    const refused = createCaptionQueue({ redis });
    await expect(refused).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await expect(refused).rejects.not.toThrow('secret');
    await expect(createCaptionQueue({ redis: 'queue.example' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
