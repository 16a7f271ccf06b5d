import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPreprocessQueue } from '../../src/jobs/preprocess-queue.js';
import { createTrainQueue } from '../../src/jobs/train-queue.js';
import { PretendTraining } from '../support/pretend-training.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { photoBytes, startTestServer, type TestServer, TOKEN } from '../support/test-server.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

describe.skipIf(noRedis)('jobs over HTTP (redis-server is not installed)', () => {
  let folder: string;
  let redis: TestRedis;
  let server: TestServer;
  let photo: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-jobs-'));
    await writeTinyBundle(folder);
    photo = (await photoBytes(1)).toString('base64');
    redis = await TestRedis.start();
    server = await startTestServer({ redis: redis.url });
  });
  afterAll(async () => {
    await server?.stop();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  const work = () => TestWorker.start(['--redis', redis.url, '--model', folder]);
  const ask = (path: string, init?: RequestInit) => fetch(server.address + path, init);
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads
  const read = async (path: string, init?: RequestInit): Promise<any> => (await ask(path, init)).json();
  const add = (job: unknown) =>
    ask('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(job),
    });
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads
  const added = async (job: unknown): Promise<any> => (await add(job)).json();

  it('captions a job, tells its progress as it happens, and gives its rows as lines', async () => {
    const images = [
      { id: 'a', base64: photo },
      { id: 'b', base64: 'aGVsbG8=' },
    ];
    const answer = await add({ images });
    expect(answer.status).toBe(202);
    const { id, state } = (await answer.json()) as { id: string; state: string };
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(state).toBe('waiting');
    const early = await ask(`/v1/jobs/${id}/results`);
    expect([early.status, await early.json()]).toMatchObject([409, { code: 'JOB_NOT_OVER' }]);

    const following = ask(`/v1/jobs/${id}/events`);
    const worker = await work();
    onTestFinished(async () => void (await worker.stop()));
    const events = await following;
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    // The stream ends by itself when the job is over.
    const told = (await events.text())
      .trim()
      .split('\n\n')
      .map((event) => {
        const [name, data = ''] = event.split('\n');
        expect(name).toBe('event: progress');
        return JSON.parse(data.replace('data: ', ''));
      });
    expect(told.at(0)).toMatchObject({ id, state: 'waiting', images: 2, done: 0 });
    expect(told.at(-1)).toMatchObject({ id, state: 'completed', images: 2, done: 2, failed: 1 });

    const results = await ask(`/v1/jobs/${id}/results`);
    expect(results.headers.get('content-type')).toBe('application/jsonl');
    const rows = (await results.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { image: 'a', caption: expect.any(String), model: 'tiny' },
      { image: 'b', error: { code: 'IMAGE_UNSUPPORTED' } },
    ]);
    expect((await read('/v1/jobs?state=completed&limit=5')).jobs).toMatchObject([{ id, state: 'completed' }]);
    expect(await worker.stop()).toBe(0);
  });

  it('spreads a long job over the workers, and takes it back when asked', async () => {
    const images = Array.from({ length: 150 }, (_, index) => ({ id: `${index}`, base64: photo }));
    const { id } = await added({ images, priority: 3 });
    expect(await read(`/v1/jobs/${id}`)).toMatchObject({ id, state: 'waiting-children', images: 150 });
    expect(await read(`/v1/jobs/${id}`, { method: 'DELETE' })).toEqual({ id, outcome: 'removed' });
    const gone = await ask(`/v1/jobs/${id}`);
    expect([gone.status, await gone.json()]).toMatchObject([404, { code: 'JOB_NOT_FOUND' }]);
  });

  it('gives the job that waits already for the same images when asked to', async () => {
    const job = { images: [{ base64: photo }], deduplicate: true, delay: 60_000 };
    const { id } = await added(job);
    expect(await added(job)).toMatchObject({ id, state: 'delayed' });
    await ask(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  it.each([
    [{ images: [] }, 422],
    [{ images: [{ base64: 'aGVsbG8=' }], prioriti: 1 }, 422],
    [{ images: [{ url: 'file:///etc/passwd' }] }, 422],
    [{ images: [{ base64: 'aGVsbG8=' }], callback: 'file:///etc/passwd' }, 422],
  ])('refuses %o', async (job, status) => {
    const answer = await add(job);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code: 'REQUEST_INVALID' }]);
  });

  it('refuses a list of what there is not', async () => {
    for (const query of ['state=sleeping', 'queue=drawing', 'limit=0', 'limit=x', 'lmit=1']) {
      expect((await ask(`/v1/jobs?${query}`)).status, query).toBe(422);
    }
  });

  it('shows the board and the depth of the queue', async () => {
    const { id } = await added({ images: [{ base64: photo }] });
    expect(await (await ask('/metrics')).text()).toContain('legenda_jobs{queue="caption",state="waiting"} 1');
    const board = await ask('/board');
    expect(board.status).toBe(200);
    expect(await board.text()).toContain('<base href="/board/"');
    expect((await read('/board/api/queues')).queues[0]).toMatchObject({ name: 'legenda-caption' });
    await ask(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  it('shows a training: its steps as they happen, its model, its queue', async () => {
    const trainings = await createTrainQueue({ redis: redis.url });
    const id = await trainings.add({ name: 'birds', data: ['/data/birds'] });
    expect(await read(`/v1/jobs/${id}`)).toMatchObject({
      queue: 'train',
      id,
      state: 'waiting',
      name: 'birds',
    });
    expect(await (await ask('/metrics')).text()).toContain('legenda_jobs{queue="train",state="waiting"} 1');
    expect((await read('/board/api/queues')).queues[1]).toMatchObject({ name: 'legenda-train' });
    const events = await ask(`/v1/jobs/${id}/events`);
    const training = await PretendTraining.start(redis.url);
    onTestFinished(() => training.stop());
    for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (text.includes(`"progress":${JSON.stringify(training.progress)}`)) training.finish();
    }
    const { result } = training;
    expect(await read(`/v1/jobs/${id}`)).toMatchObject({ state: 'completed', result });
    expect((await read('/v1/jobs?queue=train')).jobs).toMatchObject([{ id, state: 'completed' }]);
    const others: { id: string }[] = (await read('/v1/jobs?queue=caption')).jobs;
    expect(others.map((job) => job.id)).not.toContain(id);
    expect((await read('/v1/jobs')).jobs[0]).toMatchObject({ id, queue: 'train' });
    const rows = await ask(`/v1/jobs/${id}/results`);
    expect([rows.status, await rows.json()]).toMatchObject([422, { code: 'REQUEST_INVALID' }]);
    const unknown = await ask(`/v1/jobs/${id}?queue=caption`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'JOB_NOT_FOUND' }]);
    await trainings.close();
  });

  it('shows and takes back the preparation of a data set', async () => {
    const preparations = await createPreprocessQueue({ redis: redis.url });
    const id = await preparations.add({ name: 'birds', data: '/data/birds' });
    const status = { queue: 'preprocess', id, state: 'waiting', name: 'birds', images: 0, done: 0 };
    expect(await read(`/v1/jobs/${id}`)).toMatchObject(status);
    expect((await read('/v1/jobs?queue=preprocess')).jobs).toMatchObject([status]);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toContain('legenda_jobs{queue="preprocess",state="waiting"} 1');
    expect((await read('/board/api/queues')).queues[2]).toMatchObject({ name: 'legenda-preprocess' });
    expect((await ask(`/v1/jobs/${id}/results`)).status).toBe(422);
    expect(await read(`/v1/jobs/${id}`, { method: 'DELETE' })).toEqual({ id, outcome: 'removed' });
    await preparations.close();
  });

  it('takes back a training that waits', async () => {
    const trainings = await createTrainQueue({ redis: redis.url });
    const id = await trainings.add({ name: 'birds', data: ['/data/birds'] });
    expect(await read(`/v1/jobs/${id}`, { method: 'DELETE' })).toEqual({ id, outcome: 'removed' });
    await expect(trainings.status(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await trainings.close();
  });

  it('lets nobody at the board or the jobs without the token', async () => {
    const { address, stop } = await startTestServer({ redis: redis.url, tokens: [TOKEN] });
    for (const path of [
      '/board',
      '/board/',
      '/board/api/queues',
      '/board/static/js/main.js',
      '/v1/jobs',
      '/v1/jobs/1/results',
    ]) {
      const answer = await fetch(address + path);
      expect([path, answer.status]).toEqual([path, 401]);
    }
    const asked = await fetch(`${address}/board`);
    expect(asked.headers.get('www-authenticate')).toBe('Basic realm="legenda"');
    const basic = `Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}`;
    expect((await fetch(`${address}/board`, { headers: { authorization: basic } })).status).toBe(200);
    await stop();
  });

  it('lets many follow jobs without a warning of a leak', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const { address, stop } = await startTestServer({ redis: redis.url });
    const { id } = await added({ images: [{ base64: photo }], delay: 60_000 });
    const following = Array.from({ length: 12 }, () => fetch(`${address}/v1/jobs/${id}/events`));
    const streams = await Promise.all(following);
    await stop();
    for (const events of streams) expect(await events.text()).toContain('"state":"delayed"');
    process.off('warning', warn);
    expect(warnings.map(({ name }) => name)).not.toContain('MaxListenersExceededWarning');
    await ask(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  it('stops though somebody follows a job', async () => {
    const { address, stop } = await startTestServer({ redis: redis.url });
    const { id } = await added({ images: [{ base64: photo }], delay: 60_000 });
    const events = await fetch(`${address}/v1/jobs/${id}/events`);
    await stop();
    expect(await events.text()).toContain('"state":"delayed"');
    await ask(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  it('takes back a job that Redis adds only after its client was told to come again', async () => {
    const job = { images: [{ base64: photo }], delay: 60_000 };
    redis.freeze();
    const refused = await add(job);
    redis.thaw();
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'REDIS_UNAVAILABLE' }]);
    // It is there for a moment, unless it is gone already.
    const { id } = await added(job);
    let ids: string[] = [];
    while (ids.length !== 1) {
      const { jobs } = await read('/v1/jobs?state=delayed');
      ids = jobs.map((listed: { id: string }) => listed.id);
    }
    expect(ids).toEqual([id]);
    await ask(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  it('says so when Redis goes away, and serves jobs again when it is back', async () => {
    expect(await read('/health/ready')).toEqual({ status: 'ready', jobs: true });
    await redis.stop('SIGKILL');
    const ready = await ask('/health/ready');
    expect([ready.status, await ready.json()]).toMatchObject([503, { code: 'REDIS_UNAVAILABLE' }]);
    expect((await ask('/v1/models')).status).toBe(200);
    await redis.run();
    while ((await ask('/health/ready')).status !== 200);
    expect((await add({ images: [{ base64: photo }] })).status).toBe(202);
  });
});
