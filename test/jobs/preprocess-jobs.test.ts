import { link, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { InspectionMemory } from '../../src/jobs/inspection-memory.js';
import { readFailure } from '../../src/jobs/job-failure.js';
import {
  PREPROCESS_JOB,
  PREPROCESS_QUEUE,
  preprocessResultSchema,
  SHARD_JOB,
  SHARD_QUEUE,
} from '../../src/jobs/preprocess-contract.js';
import {
  createPreprocessQueue,
  type PreprocessJobRequest,
  type PreprocessQueue,
  type PreprocessStatus,
} from '../../src/jobs/preprocess-queue.js';
import { connectRedis, type RedisConnection } from '../../src/jobs/redis-connection.js';
import { inspectImages } from '../../src/prepare/index.js';
import { Random } from '../../src/random.js';
import { writePhoto, writeText } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { TestWorker } from '../support/worker.js';

/** Three parts. */
const IMAGES = 1100;
const DIFFERENT = 20;
const WRITTEN = ['dropped.jsonl', 'examples.jsonl', 'report.html'];

describe.skipIf(noRedis)('the queue of preprocess jobs (redis-server is not installed)', () => {
  let folder: string;
  let data: string;
  let redis: TestRedis;
  let connection: RedisConnection;
  let queue: PreprocessQueue;
  let shards: Queue;
  const workers: TestWorker[] = [];
  const run = (name: string, ...more: string[]) => join(folder, 'runs', name, ...more);
  const request = (name: string): PreprocessJobRequest => ({ data, name, set: ['language=pt'] });

  const work = async (...more: string[]) => {
    const folders = ['--root', join(folder, 'data'), '--runs', run('')];
    // Nothing remembered, so that each test looks at the pictures.
    const flags = ['--queues', 'preprocess', '--stalled-after', '3', '--remember', '0'];
    const worker = await TestWorker.start(['--redis', redis.url, ...folders, ...flags, ...more]);
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'legenda-preprocess-jobs-')));
    data = join(folder, 'data', 'shop');
    await mkdir(data, { recursive: true });
    for (let seed = 0; seed < DIFFERENT; seed++) await writeLargePhoto(join(data, `${seed}.jpg`), seed);
    for (let n = DIFFERENT; n < IMAGES; n++)
      await link(join(data, `${n % DIFFERENT}.jpg`), join(data, `${n}.jpg`));
    await rm(join(data, '7.jpg'));
    await writeFile(join(data, '7.jpg'), 'Dear reader');
    const splitOf = (n: number) => ['train', 'train', 'train', 'dev', 'test'][n % 5];
    const rows = Array.from(
      { length: IMAGES },
      (_, n) => `${n}.jpg,Um cão e o gato número ${n}.,${splitOf(n)}`,
    );
    const missing = 'none.jpg,Nada.,train';
    await writeText(join(data, 'captions.csv'), ['image,caption,split', ...rows, missing, ''].join('\n'));
    const prepared = await runCommand([
      'prepare',
      data,
      '--out',
      join(folder, 'prepared'),
      '--set',
      'language=pt',
    ]);
    expect(prepared).toMatchObject({ code: 0, stderr: '' });
    redis = await TestRedis.start(['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']);
    queue = await createPreprocessQueue({ redis: redis.url });
    connection = await connectRedis(redis.url, () => {});
    shards = new Queue(SHARD_QUEUE, { connection: connection.client }).on('error', () => {});
  }, 120_000);
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop('SIGKILL')));
  });
  afterAll(async () => {
    await shards?.close();
    await connection?.close();
    await queue?.close();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  async function writeLargePhoto(path: string, seed: number): Promise<void> {
    const random = new Random(seed);
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
    const picture = sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } });
    await picture.resize(1280, 960, { kernel: 'nearest' }).jpeg().toFile(path);
  }

  /** Waits until so many of a job's images are done, and it is not over. */
  async function untilDone(id: string, done: number): Promise<void> {
    const reached = new AbortController();
    const onProgress = (status: PreprocessStatus) => {
      if (status.done >= done) reached.abort();
    };
    await queue.wait(id, { signal: reached.signal, onProgress }).catch(() => {});
    expect((await queue.status(id)).state).toBe('waiting-children');
  }

  /** What a job wrote is what `legenda prepare` writes. */
  async function expectPrepared(name: string): Promise<void> {
    const out = run(name, 'prepared');
    expect((await readdir(out)).sort()).toEqual([...WRITTEN, 'images'].sort());
    for (const file of WRITTEN) {
      const expected = await readFile(join(folder, 'prepared', file), 'utf8');
      expect((await readFile(join(out, file), 'utf8')) === expected, file).toBe(true);
    }
  }

  it('does the same as legenda prepare, in parts, and tells how far it is and what it found', async () => {
    await work();
    await work();
    const id = await queue.add(request('whole'));
    const seen: number[] = [];
    const status = await queue.wait(id, {
      onProgress: ({ images, done }) => {
        if (images > 0) seen.push(done / images);
      },
    });
    expect(status).toMatchObject({ state: 'completed', name: 'whole', images: IMAGES, done: IMAGES });
    const result = preprocessResultSchema.parse(status.result);
    expect(result).toMatchObject({
      folder: run('whole', 'prepared'),
      images: IMAGES - 1,
      captions: IMAGES - 1,
      splits: { train: 659, dev: 220, test: 220 },
      dropped: { 'missing image': 1, 'broken image': 1 },
    });
    // Not by whole parts only.
    expect(seen.some((share) => share > 0 && share < 1 && (share * IMAGES) % 500 !== 0)).toBe(true);
    const inspected = workers.map(({ log }) => log.filter(({ images }) => images !== undefined).length);
    expect(inspected.reduce((sum, parts) => sum + parts, 0)).toBe(3);
    await expectPrepared('whole');
    const keys = await connection.redis.keys('*');
    expect(keys.filter((key) => key.includes(id) && key.endsWith(':processed'))).toEqual([]);
  }, 120_000);

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'loses nothing when one of two workers ends by %s',
    async (signal) => {
      const ending = await work('--grace', '0');
      const other = await work();
      const id = await queue.add(request(signal));
      await untilDone(id, 50);
      await ending.stop(signal);
      expect(await queue.wait(id)).toMatchObject({ state: 'completed', done: IMAGES });
      await expectPrepared(signal);
      if (signal === 'SIGKILL') {
        expect(other.log).toContainEqual(
          expect.objectContaining({ msg: 'job of a worker that ended taken back' }),
        );
      }
    },
    120_000,
  );

  it('goes on by itself when Redis was away', async () => {
    await work();
    const id = await queue.add(request('away'));
    await untilDone(id, 50);
    await redis.stop('SIGKILL');
    await redis.run();
    expect(await queue.wait(id)).toMatchObject({ state: 'completed', done: IMAGES });
    await expectPrepared('away');
  }, 120_000);

  it('is given up when it is cancelled, and done when it is tried again', async () => {
    await work();
    const id = await queue.add(request('cancelled'));
    await untilDone(id, 50);
    expect(await queue.cancel(id)).toBe('stopping');
    expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CANCELLED' } });
    expect((await queue.status(id)).done).toBeLessThan(IMAGES);
    expect(Object.values(await shards.getJobCounts()).every((count) => count === 0)).toBe(true);
    expect(await readdir(run('cancelled'))).toEqual(['job.json']);
    await queue.retry(id);
    expect(await queue.wait(id)).toMatchObject({ state: 'completed' });
    await expectPrepared('cancelled');
  }, 120_000);

  it('fails at once where nothing can mend it, and reads nothing outside the roots', async () => {
    await work();
    await writePhoto(join(folder, 'elsewhere', 'secret.jpg'));
    await writeText(join(folder, 'data', 'linked', 'a.txt'), 'A secret.');
    await symlink(join(folder, 'elsewhere', 'secret.jpg'), join(folder, 'data', 'linked', 'a.jpg'));
    await writeText(join(folder, 'elsewhere', 'secret.txt'), 'A secret.');
    await writePhoto(join(folder, 'data', 'told', 'a.jpg'));
    await symlink(join(folder, 'elsewhere', 'secret.txt'), join(folder, 'data', 'told', 'a.txt'));
    await writeText(run('taken', 'report.html'), 'Of a training.');
    const jobs = new Queue(PREPROCESS_QUEUE, { connection: connection.client });
    const good = { version: 1, data, name: 'unmade' };
    const cases: [unknown, string][] = [
      [{ ...good, version: 2 }, 'JOB_INVALID'],
      [{ ...good, out: 'unmade' }, 'JOB_INVALID'],
      [{ ...good, name: '../unmade' }, 'JOB_INVALID'],
      [{ ...good, set: ['vocabulary.minimum=2'] }, 'CONFIGURATION_INVALID'],
      [{ ...good, data: '/etc' }, 'PATH_FORBIDDEN'],
      [{ ...good, data: join(folder, 'elsewhere') }, 'PATH_FORBIDDEN'],
      [{ ...good, data: join(folder, 'data', 'none') }, 'DATASET_NOT_FOUND'],
      [{ ...good, format: 'coco' }, 'DATASET_BROKEN'],
      [{ ...good, data: join(folder, 'data', 'linked') }, 'PATH_FORBIDDEN'],
      [{ ...good, data: join(folder, 'data', 'told') }, 'PATH_FORBIDDEN'],
      // What is there already is another's.
      [{ ...good, name: 'taken' }, 'JOB_INVALID'],
    ];
    for (const [job, code] of cases) {
      const { id = '' } = await jobs.add(PREPROCESS_JOB, job, { attempts: 3 });
      expect(await queue.wait(id), JSON.stringify(job)).toMatchObject({ state: 'failed', failure: { code } });
      expect((await jobs.getJob(id))?.attemptsMade).toBe(1);
    }
    expect(await readdir(run(''))).not.toContain('unmade');
    expect(await readdir(run('taken'))).toEqual(['report.html']);
    await jobs.close();
  }, 120_000);

  it('does no part that is not one of its own making', async () => {
    await work();
    const part = { version: 1, of: 'none', shard: 0, total: 1, images: [join(data, '0.jpg')] };
    const cases: [unknown, string][] = [
      [{ ...part, version: 2 }, 'JOB_INVALID'],
      [{ ...part, more: 1 }, 'JOB_INVALID'],
      [{ ...part, images: [join(folder, 'elsewhere', 'secret.jpg')] }, 'PATH_FORBIDDEN'],
    ];
    for (const [forged, code] of cases) {
      const { id } = await shards.add(SHARD_JOB, forged, { attempts: 3 });
      await expect.poll(() => shards.getJobState(String(id)), { timeout: 60_000 }).toBe('failed');
      const job = await shards.getJob(String(id));
      expect(readFailure(job?.failedReason ?? '').code).toBe(code);
      expect(job?.attemptsMade).toBe(1);
    }
  }, 120_000);

  it('remembers what it found of the same files for a while, and not where it may change', async () => {
    const memory = new InspectionMemory(connection, 60);
    const [one, two] = [join(folder, 'memory', '1.jpg'), join(folder, 'memory', '2.jpg')];
    await writePhoto(one);
    await writePhoto(two);
    let looks = 0;
    const ask = (images: string[]) =>
      memory.remembering(images, () => {
        looks++;
        return inspectImages(images);
      });
    const first = await ask([one, two]);
    expect(first.map((inspection) => inspection.image)).toEqual([one, two]);
    expect(await ask([one, two])).toEqual(first);
    expect(looks).toBe(1);
    await rm(one);
    const { length } = await ask([one, two]);
    await ask([one, two]);
    expect([length, looks]).toEqual([2, 3]);
  });

  it('has the commands of the command line', async () => {
    const flags = ['--redis', redis.url];
    const data = join(folder, 'data', 'small');
    await writePhoto(join(data, 'a.jpg'));
    await writeText(join(data, 'captions.csv'), 'image,caption\na.jpg,A dog.\n');
    const more = ['--format', 'table', '--columns', 'caption=caption', '--set', 'language=pt'];
    const added = await runCommand(['enqueue', 'preprocess', data, '--out', 'commanded', ...more, ...flags]);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const id = added.stdout.trim();
    const shown = await runCommand(['jobs', 'show', id, ...flags]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id, state: 'waiting', name: 'commanded', images: 0 });
    const listed = await runCommand(['jobs', 'list', '--state', 'waiting', ...flags]);
    expect(listed.stdout).toMatch(new RegExp(`^${id}\twaiting\tcommanded 0/0\t`));
    await work();
    const waited = await runCommand(['jobs', 'wait', id, ...flags]);
    expect(waited).toMatchObject({ code: 0, stdout: `${run('commanded', 'prepared')}\n` });
    expect(await readFile(run('commanded', 'prepared', 'examples.jsonl'), 'utf8')).toContain('"A dog."');
    const again = await runCommand(['enqueue', 'preprocess', data, '--out', 'commanded', '--wait', ...flags]);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('JOB_INVALID') });
    const typo = await runCommand(['enqueue', 'preprocess', data, '--out', 'x', '--set', 'a=1', ...flags]);
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringContaining('CONFIGURATION_INVALID') });
    const homeless = await runCommand(['work', '--queues', 'preprocess', ...flags]);
    expect(homeless).toMatchObject({ code: 2, stderr: expect.stringContaining('--runs') });
  }, 120_000);
});
