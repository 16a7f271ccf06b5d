import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaptionQueue, createCaptionQueue } from '../../src/jobs/caption-queue.js';
import { pictures } from '../fixtures/images.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

const SECRET = 'a secret of receiver and worker';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe.skipIf(noRedis)('a callback (redis-server is not installed)', () => {
  let folder: string;
  let model: string;
  let redis: TestRedis;
  let queue: CaptionQueue;
  let receiver: Server;
  let address: string;
  const received: Received[] = [];
  let came: () => void = () => {};
  /** What the receiver answers, one after another; then 204. */
  const answers: number[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-callbacks-'));
    model = join(folder, 'model');
    await writeTinyBundle(model);
    redis = await TestRedis.start();
    queue = await createCaptionQueue({ redis: redis.url });
    receiver = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
      came();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/done`;
  }, 60_000);
  afterAll(async () => {
    receiver?.closeAllConnections();
    receiver?.close();
    await queue?.close();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  const work = (args: string[], env: NodeJS.ProcessEnv = { LEGENDA_WEBHOOK_SECRET: SECRET }) =>
    TestWorker.start(['--redis', redis.url, '--model', model, ...args], env);
  const photo = async () => ({
    base64: Buffer.from((await pictures['plain.jpg']?.()) ?? '').toString('base64'),
  });
  const receive = async (count: number) => {
    while (received.length < count) {
      await new Promise<void>((resolve) => {
        came = resolve;
      });
    }
    return received.splice(0);
  };

  it('is signed, sent again where the receiver fails, and says how the job ended', async () => {
    const worker = await work(['--allow-private-addresses']);
    answers.push(500);
    const id = await queue.add({ images: [await photo()], callback: address });
    const [failed, sent] = await receive(2);
    expect(sent?.body).toBe(failed?.body);
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({
      version: 1,
      job: id,
      state: 'completed',
      results: [{}],
    });
    for (const { headers, body } of [failed, sent] as [Received, Received]) {
      const timestamp = headers['legenda-timestamp'];
      const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
      expect(headers['legenda-signature']).toBe(`sha256=${signature}`);
      expect(headers['idempotency-key']).toBe(failed?.headers['idempotency-key']);
      expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
    }
    const wrong = await queue.add({ images: [await photo()], model: 'other', callback: address });
    const [told] = await receive(1);
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      job: wrong,
      state: 'failed',
      error: { code: 'MODEL_UNKNOWN' },
    });
    await queue.wait(wrong);
    await queue.retry(wrong);
    const [again] = await receive(1);
    expect(again?.body).toBe(told?.body);
    expect(again?.headers['idempotency-key']).not.toBe(told?.headers['idempotency-key']);
    await worker.stop();
  });

  it('never goes to a private address unless that is allowed, and fails no job', async () => {
    const worker = await work([]);
    const id = await queue.add({ images: [await photo()], callback: address });
    expect((await queue.wait(id)).state).toBe('completed');
    await worker.said('callback given up');
    expect(received).toEqual([]);
    await worker.stop();
  });

  it('of another address is not left out for a job that is there already', async () => {
    const request = { images: [await photo()], callback: address };
    const first = await queue.add(request, { deduplicate: true });
    expect(await queue.add(request, { deduplicate: true })).toBe(first);
    const other = await queue.add({ ...request, callback: `${address}/2` }, { deduplicate: true });
    expect(other).not.toBe(first);
    await queue.drain();
  });

  it('is refused by a worker that could not sign it', async () => {
    const worker = await work([], { LEGENDA_WEBHOOK_SECRET: '' });
    const id = await queue.add({ images: [await photo()], callback: address });
    expect((await queue.wait(id)).failure?.code).toBe('JOB_INVALID');
    await worker.stop();
  });
});
