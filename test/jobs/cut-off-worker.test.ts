import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CaptionQueue, createCaptionQueue } from '../../src/jobs/caption-queue.js';
import { noNetworks, TestNetwork } from '../support/network.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

/** How long a worker is cut off, seconds: longer than a lock lasts. */
const CUT = Number(process.env.LEGENDA_CUT ?? 4);
const IMAGES = 600;

describe.skipIf(noRedis || noNetworks)(
  'machines that lose each other (needs redis-server, and the right to make network namespaces)',
  () => {
    const undo: (() => unknown)[] = [];
    let folder: string;
    let network: TestNetwork;
    let redis: TestRedis;
    let queue: CaptionQueue;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'legenda-cut-'));
      undo.push(() => rm(folder, { recursive: true }));
      await writeTinyBundle(join(folder, 'model'));
      // Large enough to take its time.
      await sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'teal' } })
        .jpeg()
        .toFile(join(folder, '0.jpg'));
      for (let image = 1; image < IMAGES; image++) {
        await copyFile(join(folder, '0.jpg'), join(folder, `${image}.jpg`));
      }
      network = new TestNetwork(['first', 'second']);
      undo.push(() => network.remove());
      const socket = join(folder, 'socket');
      const settings = ['--bind', '0.0.0.0', '--protected-mode', 'no', '--unixsocket', socket, '--save', ''];
      redis = await TestRedis.start(settings, network.inside('middle'));
      undo.push(() => redis.remove());
      queue = await createCaptionQueue({ redis: await through(socket) });
      undo.push(() => queue.close());
    });
    // What was made last first, and all of it whatever fails.
    afterEach(async () => {
      const failures: unknown[] = [];
      for (const step of undo.splice(0).reverse()) {
        await Promise.resolve()
          .then(step)
          .catch((error) => failures.push(error));
      }
      expect(failures).toEqual([]);
    });

    /** A way into Redis from outside its network. @returns its address. */
    async function through(socket: string): Promise<string> {
      const server = createServer((outside) => {
        const inside = connect(socket);
        outside.pipe(inside).pipe(outside);
        outside.on('error', () => inside.destroy());
        inside.on('error', () => outside.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      undo.push(() => server.close());
      const address = server.address();
      return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    }

    async function work(machine: string, host: string): Promise<TestWorker> {
      const redisUrl = `redis://${host}:${redis.port}`;
      const more = ['--concurrency', '2', '--stalled-after', '1', '--remember', '0'];
      const args = ['--redis', redisUrl, '--root', folder, '--model', join(folder, 'model'), ...more];
      const worker = await TestWorker.start(args, {}, network.inside(machine));
      undo.push(() => worker.stop('SIGKILL'));
      return worker;
    }

    const add = (images: number) =>
      queue.addAll({
        images: Array.from({ length: images }, (_, index) => ({ id: `${index}`, path: `${index}.jpg` })),
      });

    async function expectAll(id: string, images: number): Promise<void> {
      expect(await queue.wait(id)).toMatchObject({ state: 'completed', done: images, failed: 0 });
      const seen = [];
      for await (const { image } of queue.rows(id)) seen.push(image);
      expect(seen).toEqual(Array.from({ length: images }, (_, index) => `${index}`));
    }

    const jobsOf = (worker: TestWorker) => worker.log.filter(({ msg }) => msg === 'job done').length;

    it('a worker whose cable is pulled loses nothing, and goes on when it is back', {
      timeout: 120_000 + 3000 * CUT,
    }, async () => {
      const [first, second] = await Promise.all([work('first', '10.203.0.1'), work('second', '10.203.1.1')]);
      const id = await add(IMAGES);
      // Both have two.
      while (((await queue.counts()).active ?? 0) < 4);
      network.cut('first');
      await new Promise((resolve) => setTimeout(resolve, 1000 * CUT));
      network.mend('first');
      await expectAll(id, IMAGES);
      expect(second.log.map(({ msg }) => msg)).toContain('job of a worker that ended taken back');
      await second.stop();
      const before = jobsOf(first);
      await expectAll(await add(200), 200);
      expect(jobsOf(first)).toBeGreaterThanOrEqual(before + 2);
    });
  },
);
