import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPython } from '../../scripts/set-up/python.mjs';
import { pictures } from '../fixtures/images.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/queue/caption.py', import.meta.url));
const python = findPython();

describe.skipIf(noRedis || python === undefined)(
  'a program in Python (needs redis-server, and python3 with the package bullmq)',
  () => {
    let folder: string;
    let redis: TestRedis;
    let worker: TestWorker;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'legenda-python-'));
      await writeTinyBundle(join(folder, 'model'));
      await writeFile(join(folder, 'a.jpg'), (await pictures['plain.jpg']?.()) ?? '');
      redis = await TestRedis.start();
      worker = await TestWorker.start([
        '--redis',
        redis.url,
        '--root',
        folder,
        '--model',
        join(folder, 'model'),
      ]);
    }, 60_000);
    afterAll(async () => {
      await worker?.stop();
      await redis?.remove();
      await rm(folder, { recursive: true });
    });

    const run = (...paths: string[]) =>
      promisify(execFile)(python ?? '', [EXAMPLE, ...paths], {
        env: { ...process.env, LEGENDA_REDIS: redis.url },
      });

    it('puts a job in the queue and reads its captions', async () => {
      expect((await run('a.jpg')).stdout).toMatch(/^a\.jpg\t[A-Z0-9].*\.\n$/);
    });

    it('is told of a photo that cannot be captioned', async () => {
      await expect(run('a.jpg', 'b.jpg')).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^a\.jpg\t/),
        stderr: 'b.jpg\tIMAGE_NOT_FOUND\n',
      });
    });
  },
);
