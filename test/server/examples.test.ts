import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../scripts/set-up/programs.mjs';
import { PretendTraining } from '../support/pretend-training.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer, TOKEN } from '../support/test-server.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

const run = promisify(execFile);
const noCurl = findProgram({ name: 'curl', commands: ['curl'], package: 'curl' }) === undefined;
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const photos = ['cat.jpg', 'temple.jpg'].map((name) => example(`photos/${name}`));

describe.skipIf(noCurl || noRedis)('examples/http (no curl or no redis-server is installed)', () => {
  let folder: string;
  let redis: TestRedis;
  let server: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-examples-'));
    await writeTinyBundle(folder);
    redis = await TestRedis.start();
    server = await startTestServer({ redis: redis.url, queues: ['caption', 'train'], tokens: [TOKEN] });
  });
  afterAll(async () => {
    await server?.stop();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  async function linesOf(script: string, args: readonly string[] = photos): Promise<string[]> {
    const env = { ...process.env, LEGENDA_URL: server.address, LEGENDA_TOKEN: TOKEN };
    return (await run(example(`http/${script}`), args, { env })).stdout.trim().split('\n');
  }

  it('captions.sh captions photos as a form and as JSON', async () => {
    const answers = (await linesOf('captions.sh')).map((line) => JSON.parse(line));
    for (const { results } of answers)
      expect(results).toMatchObject([{ image: 'cat.jpg' }, { image: 'temple.jpg' }]);
    expect(answers[1].results[0].captions).toHaveLength(3);
  });

  it('job.sh adds a job, follows it and reads its results', async () => {
    const worker = await TestWorker.start(['--redis', redis.url, '--model', folder]);
    onTestFinished(async () => void (await worker.stop()));
    const lines = await linesOf('job.sh');
    expect(lines[0]).toMatch(/^added: {"queue":"caption","id":"/);
    expect(lines.at(-3)).toMatch(/^progress: .*"state":"completed"/);
    expect(lines.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
      { image: 'cat.jpg', caption: expect.any(String) },
      { image: 'temple.jpg', caption: expect.any(String) },
    ]);
  });

  it('train.sh adds a training and follows it to its model', async () => {
    const training = await PretendTraining.start(redis.url);
    onTestFinished(() => training.stop());
    training.finish();
    const lines = await linesOf('train.sh', ['birds', '/srv/data/birds', '/srv/data/more']);
    expect(lines[0]).toMatch(/^added: {"queue":"train","id":"train-/);
    expect(lines.at(-1)).toContain(`"result":${JSON.stringify(training.result)}`);
  });
});
