import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/jobs/redis-connection.js';
import { pictures } from '../fixtures/images.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

const BIN = fileURLToPath(new URL('../../bin/legenda.js', import.meta.url));
const SDK = new URL('../support/opentelemetry.mjs', import.meta.url).href;

interface Span {
  readonly msg: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
}

describe.skipIf(noRedis)('OpenTelemetry (redis-server is not installed)', () => {
  let folder: string;
  let redis: TestRedis;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-telemetry-'));
    await writeTinyBundle(join(folder, 'model'));
    await writeFile(join(folder, 'a.jpg'), (await pictures['plain.jpg']?.()) ?? '');
    redis = await TestRedis.start();
  }, 60_000);
  afterAll(async () => {
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  const work = (inside: readonly string[]) =>
    TestWorker.start(['--redis', redis.url, '--root', folder, '--model', join(folder, 'model')], {}, inside);
  const enqueue = (...before: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      ...before,
      BIN,
      ...['enqueue', 'caption', join(folder, 'a.jpg'), '--redis', redis.url],
      ...['--output', join(folder, 'rows.jsonl'), '--overwrite'],
    ]);
  const spansIn = (lines: readonly unknown[]) => (lines as Span[]).filter(({ msg }) => msg === 'span');

  it('shows a job that one program adds and another does as one trace', async () => {
    const worker = await work(['env', `NODE_OPTIONS=--import=${SDK}`]);
    const { stderr } = await enqueue('--import', SDK);
    await worker.stop();
    const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
    const added = spansIn(lines.map((line) => JSON.parse(line))).find(({ name }) => name.startsWith('add '));
    const done = spansIn(worker.log).find(({ name }) => name.startsWith('process '));
    expect(added).toBeDefined();
    expect(done).toMatchObject({ traceId: added?.traceId, parent: added?.spanId });
  });

  it('lets a job whose trace is written wrongly be done as any other', async () => {
    const worker = await work(['env', `NODE_OPTIONS=--import=${SDK}`]);
    const connection = await connectRedis(redis.url, () => {});
    const foreign = new Queue('legenda-caption', { connection: connection.client });
    const data = { version: 1, images: [{ path: 'a.jpg' }] };
    await foreign.add('caption', data, { telemetry: { metadata: 'no trace' } });
    await worker.said('job done');
    await foreign.close();
    await connection.close();
    await worker.stop();
  });

  it('is not there where no SDK was started', async () => {
    const worker = await work([]);
    await enqueue();
    await worker.stop();
    expect(spansIn(worker.log)).toEqual([]);
  });
});
