import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isCaptioned, loadCaptioner } from '../../src/captioner/index.js';
import { type CaptionQueue, createCaptionQueue } from '../../src/jobs/caption-queue.js';
import type { CaptionJobImage } from '../../src/jobs/contract.js';
import { connectRedis } from '../../src/jobs/redis-connection.js';
import { Random } from '../../src/random.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

const APPEND_ONLY = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
/** How often a worker is killed, and of how many images; more for a thorough run, such as 20 and 2000. */
const KILLS = Number(process.env.LEGENDA_KILLS ?? 1);
const IMAGES = Number(process.env.LEGENDA_KILL_IMAGES ?? 600);
/** How long Redis is away, seconds: longer than a lock lasts. */
const OUTAGE = Number(process.env.LEGENDA_OUTAGE ?? 2.5);

describe.skipIf(noRedis)('when something ends without a word (redis-server is not installed)', () => {
  let folder: string;
  let photos: string;
  let model: string;
  let redis: TestRedis;
  let queue: CaptionQueue;
  let images: CaptionJobImage[];
  /** What an undisturbed run says of each image. */
  let undisturbed: string[];
  const workers: TestWorker[] = [];

  const start = async (more: readonly string[], env: NodeJS.ProcessEnv) => {
    const args = ['--redis', redis.url, '--root', photos, '--model', model, '--stalled-after', '1', ...more];
    const worker = await TestWorker.start(args, env);
    workers.push(worker);
    return worker;
  };
  const work = (...more: string[]) => start(more, {});
  const workPoisoned = () =>
    start([], { NODE_OPTIONS: `--import ${new URL('../support/poison.mjs', import.meta.url)}` });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-failures-'));
    photos = join(folder, 'photos');
    model = join(folder, 'model');
    await writeTinyBundle(model);
    await mkdir(photos);
    const different = await Promise.all(Array.from({ length: 20 }, (_, seed) => writePhoto(seed)));
    for (let index = 20; index < IMAGES; index++) {
      await copyFile(different[index % 20] as string, join(photos, `${index}.jpg`));
    }
    await copyFile(different[0] as string, join(photos, 'poison.jpg'));
    images = Array.from({ length: IMAGES }, (_, index) => ({ id: `${index}`, path: `${index}.jpg` }));
    const captioner = await loadCaptioner(model, { threads: 1 });
    const rows = await captioner.caption(different);
    await captioner.close();
    undisturbed = images.map((_, index) => {
      const row = rows[index % 20];
      return row !== undefined && isCaptioned(row) ? row.caption : '';
    });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    redis = await TestRedis.start(APPEND_ONLY);
    queue = await createCaptionQueue({ redis: redis.url });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop('SIGKILL')));
    await queue.close();
    await redis.remove();
  });

  async function writePhoto(seed: number): Promise<string> {
    const random = new Random(seed);
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
    const path = join(photos, `${seed}.jpg`);
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .resize(640, 480, { kernel: 'nearest' })
      .jpeg()
      .toFile(path);
    return path;
  }

  /** Waits until so many of a job's images are done. */
  async function untilDone(id: string, done: number): Promise<void> {
    const reached = new AbortController();
    const onProgress = (status: { readonly done: number }) => {
      if (status.done >= done) reached.abort();
    };
    await queue.wait(id, { signal: reached.signal, onProgress }).catch(() => {});
    expect(reached.signal.aborted).toBe(true);
  }

  async function expectAll(id: string): Promise<void> {
    expect(await queue.wait(id)).toMatchObject({ state: 'completed', done: IMAGES, failed: 0 });
    const rows = [];
    for await (const row of queue.rows(id)) rows.push(row);
    expect(rows.map(({ image }) => image)).toEqual(images.map(({ id }) => id));
    expect(rows.map((row) => ('error' in row ? row.error.message : row.caption))).toEqual(undisturbed);
  }

  it('a worker that is killed loses nothing: the others do what it had', {
    timeout: 60_000 * KILLS,
  }, async () => {
    const forgetful = () => work('--remember', '0');
    const three = await Promise.all([forgetful(), forgetful(), forgetful()]);
    for (let round = 0; round < KILLS; round++) {
      const id = await queue.addAll({ images });
      await untilDone(id, (IMAGES * (round + 1)) / (KILLS + 4));
      await three.shift()?.stop('SIGKILL');
      await expectAll(id);
      three.push(await forgetful());
    }
  });

  it('a worker that is told to end gives back what it cannot finish', async () => {
    const worker = await work('--grace', '0');
    const id = await queue.add({ images });
    await untilDone(id, 1);
    expect(await worker.stop('SIGTERM')).toBe(0);
    expect((await queue.status(id)).state).toBe('waiting');
    await work();
    await expectAll(id);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'Redis that ends by %s and comes back loses nothing',
    { timeout: 60_000 + 1000 * OUTAGE },
    async (signal) => {
      await Promise.all([work(), work()]);
      const id = await queue.addAll({ images });
      await untilDone(id, IMAGES / 8);
      await redis.stop(signal);
      await new Promise((resolve) => setTimeout(resolve, 1000 * OUTAGE));
      await redis.run();
      await expectAll(id);
    },
  );

  it('Redis that ends and is back at once fails no job, not even those that may be tried only once', async () => {
    await work('--stalled-after', '5');
    const connection = await connectRedis(redis.url, () => {});
    const foreign = new Queue('legenda-caption', { connection: connection.client });
    foreign.on('error', () => {});
    const data = (image: CaptionJobImage) => ({ version: 1, images: [image] });
    await foreign.addBulk(images.map((image) => ({ name: 'caption', data: data(image) })));
    const completed = async () => (await queue.counts()).completed ?? 0;
    while ((await completed()) < IMAGES / 8);
    await redis.stop('SIGKILL');
    await redis.run();
    while ((await completed()) < IMAGES) expect((await queue.counts()).failed).toBe(0);
    await foreign.close();
    await connection.close();
  });

  it('an image that ends its worker fails its job with a code, and the others are done', async () => {
    const before = await queue.add({ images: images.slice(0, 3) });
    const poison = await queue.add({ images: [{ path: 'poison.jpg' }] });
    const after = await queue.add({ images: images.slice(3, 6) });
    // It takes the three together, and ends by the one.
    await workPoisoned().catch(() => {});
    await workPoisoned();
    expect(await queue.wait(poison)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CRASHED' } });
    for (const id of [before, after])
      expect(await queue.wait(id)).toMatchObject({ state: 'completed', failed: 0 });
  });

  it('a job that is cancelled while it is under way fails with a code, and its worker goes on', async () => {
    await work();
    const id = await queue.add({ images });
    await untilDone(id, 1);
    expect(await queue.cancel(id)).toBe('stopping');
    expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CANCELLED' } });
    await queue.retry(id);
    await expectAll(id);
  });
});
