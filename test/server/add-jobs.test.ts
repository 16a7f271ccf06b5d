import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { JobQueues } from '../../src/jobs/job-queues.js';
import { PREPROCESS_QUEUE } from '../../src/jobs/preprocess-contract.js';
import { QUEUES } from '../../src/jobs/queue-names.js';
import { TRAIN_QUEUE } from '../../src/jobs/train-contract.js';
import { PretendTraining } from '../support/pretend-training.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const training = { data: ['/srv/data/birds'], name: 'birds' };
const preparation = { data: '/srv/data/shop', name: 'shop' };
const captions = { images: [{ base64: 'aGVsbG8=' }] };

describe.skipIf(noRedis)('jobs of all kinds added over HTTP (redis-server is not installed)', () => {
  let redis: TestRedis;
  let server: TestServer;
  let queues: JobQueues;

  beforeAll(async () => {
    redis = await TestRedis.start();
    server = await startTestServer({ redis: redis.url, queues: QUEUES });
    queues = await JobQueues.open(redis.url);
  });
  afterAll(async () => {
    await queues?.close();
    await server?.stop();
    await redis?.remove();
  });

  const post = (body: string, { address } = server) =>
    fetch(`${address}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const add = (job: unknown, to = server) => post(JSON.stringify(job), to);
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads
  const read = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json();
  /** A job as workers get it. */
  const stored = async (name: string, id: string) => {
    const queue = new Queue(name, { connection: queues.connection.client });
    onTestFinished(() => queue.close());
    return queue.getJob(id);
  };

  it('adds a training, which is followed to its end', async () => {
    const asked = { ...training, init: 'legenda-default', set: ['stages.decoder.epochs=4'] };
    const answer = await add({ queue: 'train', ...asked, priority: 3 });
    const status = await read(answer);
    expect([answer.status, status]).toMatchObject([
      202,
      { queue: 'train', state: 'prioritized', name: 'birds' },
    ]);
    const location = answer.headers.get('location');
    expect(location).toBe(`/v1/jobs/${status.id}`);
    const job = await stored(TRAIN_QUEUE, status.id);
    expect([job?.data, job?.opts.priority]).toEqual([{ version: 1, ...asked }, 3]);
    const events = await fetch(`${server.address}${location}/events`);
    const worker = await PretendTraining.start(redis.url);
    onTestFinished(() => worker.stop());
    worker.finish();
    expect(await events.text()).toContain('"state":"completed"');
    expect(await read(fetch(server.address + location))).toMatchObject({ result: worker.result });
  });

  it('adds the preparation of a data set, and takes it back', async () => {
    const asked = { ...preparation, columns: { captions: ['legenda'] }, devShare: 0.1, seed: 3 };
    const answer = await add({ queue: 'preprocess', ...asked, delay: 60_000 });
    const status = await read(answer);
    expect([answer.status, status]).toMatchObject([
      202,
      { queue: 'preprocess', state: 'delayed', name: 'shop', images: 0, done: 0 },
    ]);
    expect((await stored(PREPROCESS_QUEUE, status.id))?.data).toEqual({ version: 1, ...asked });
    const address = server.address + answer.headers.get('location');
    expect(await read(fetch(address, { method: 'DELETE' }))).toMatchObject({ outcome: 'removed' });
  });

  it('has a training that failed done again, where such may be added', async () => {
    const { id } = await read(add({ queue: 'train', ...training }));
    const again = ({ address } = server) => fetch(`${address}/v1/jobs/${id}/retry`, { method: 'POST' });
    const early = await again();
    expect([early.status, await early.json()]).toMatchObject([422, { code: 'JOB_INVALID' }]);
    const failing = new Worker(TRAIN_QUEUE, () => Promise.reject(new UnrecoverableError('lost')), {
      connection: queues.connection.client,
    });
    await queues.train.wait(id);
    await failing.close();
    const captionsOnly = await startTestServer({ redis: redis.url });
    onTestFinished(() => captionsOnly.stop());
    const refused = await again(captionsOnly);
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'REQUEST_INVALID' }]);
    const answer = await again();
    expect([answer.status, await answer.json()]).toMatchObject([202, { id, state: 'waiting' }]);
    await queues.train.cancel(id);
    expect((await again()).status).toBe(404);
  });

  it('takes a job that says that it is a caption job, or nothing, as one', async () => {
    for (const kind of [{ queue: 'caption' }, {}]) {
      const { queue, id } = await read(add({ ...kind, ...captions, delay: 60_000 }));
      expect(queue).toBe('caption');
      await queues.caption.cancel(id);
    }
  });

  it.each([
    [{ queue: 'train', name: 'birds' }, 'a train job', 'data: '],
    [{ queue: 'train', ...training, data: '/srv/data/birds' }, 'a train job', 'data: '],
    [{ queue: 'train', ...training, name: '../birds' }, 'a train job', 'name: '],
    [{ queue: 'train', ...training, epochs: 4 }, 'a train job', '"epochs"'],
    [{ queue: 'train', ...training, version: 1 }, 'a train job', '"version"'],
    [{ queue: 'train', ...training, deduplicate: true }, 'a train job', '"deduplicate"'],
    [{ queue: 'train', ...training, priority: 0 }, 'a train job', 'priority: '],
    [{ queue: 'preprocess', ...training }, 'a preprocess job', 'data: '],
    [{ queue: 'preprocess', ...preparation, devShare: 0.9 }, 'a preprocess job', 'devShare: '],
    [{ queue: 'caption', ...training }, 'a caption job', 'images: '],
    [training, 'a caption job', 'images: '],
    [{ queue: 'drawing', ...training }, 'a job', 'queue: '],
    [[], 'a job', 'object'],
  ])('says what is wrong with %o', async (job, kind, where) => {
    const answer = await add(job);
    const { code, detail } = await read(answer);
    expect([answer.status, code]).toEqual([422, 'REQUEST_INVALID']);
    expect(detail).toContain(`expected ${kind}, received `);
    expect(detail).toContain(where);
  });

  it.each([
    ['long', `{"name":"${'x'.repeat(100_000)}"}`],
    ['deep', `${'{"card":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ])('refuses settings that are too %s to be kept', async (_, configuration) => {
    const job = JSON.stringify({ queue: 'train', ...training, configuration: 1 });
    const answer = await post(job.replace(':1}', `:${configuration}}`));
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: 'REQUEST_INVALID', detail: expect.stringContaining('configuration: ') },
    ]);
  });

  it('refuses settings that there are not before any worker has the job', async () => {
    for (const job of [
      { queue: 'train', ...training, set: ['stages.decoder.epoch=4'] },
      { queue: 'train', ...training, configuration: { stages: { decoder: { epoch: 4 } } } },
      { queue: 'preprocess', ...preparation, set: ['stages.decoder.epoch=4'] },
    ]) {
      const answer = await add(job);
      expect([answer.status, await answer.json()]).toMatchObject([
        422,
        { code: 'CONFIGURATION_INVALID', detail: expect.stringContaining('stages.decoder.epochs') },
      ]);
    }
    expect(await queues.list(['waiting'], 10)).toEqual([]);
  });

  it('refuses a kind that the server was not told to take, and says how to have it taken', async () => {
    const plain = await startTestServer({ redis: redis.url });
    const apart = await startTestServer({ redis: redis.url, queues: ['train'] });
    for (const [where, job, flag] of [
      [plain, { queue: 'train', ...training }, '--queues caption,train'],
      [plain, { queue: 'preprocess', ...preparation }, '--queues caption,preprocess'],
      [apart, captions, '--queues train,caption'],
    ] as const) {
      const answer = await add(job, where);
      expect([answer.status, await answer.json()]).toMatchObject([
        422,
        { code: 'REQUEST_INVALID', detail: expect.stringContaining(flag) },
      ]);
    }
    // What others added is shown all the same.
    const id = await queues.train.add(training);
    expect(await read(fetch(`${plain.address}/v1/jobs/${id}`))).toMatchObject({ queue: 'train', id });
    await queues.train.cancel(id);
    await plain.stop();
    await apart.stop();
  });

  it('takes back what Redis adds only after its client was told to come again', async () => {
    const jobs = [
      { queue: 'train', ...training },
      { queue: 'preprocess', ...preparation },
    ];
    redis.freeze();
    const refused = await Promise.all(jobs.map((job) => add(job)));
    redis.thaw();
    for (const answer of refused) expect(answer.status).toBe(503);
    // They are there for a moment, unless they are gone already; these come after them.
    const added: string[] = [];
    for (const job of jobs) added.push((await read(add(job))).id);
    let ids: string[] = [];
    while (ids.length !== jobs.length) ids = (await queues.list(['waiting'], 10)).map(({ id }) => id);
    expect(ids.sort()).toEqual(added.sort());
    await queues.train.drain();
    await queues.preprocess.drain();
  });

  it('is described in the OpenAPI document: what may be added here, and every kind of status', async () => {
    const described = async ({ address }: TestServer) => {
      const { post } = (await read(fetch(`${address}/openapi.json`))).paths['/v1/jobs'];
      return {
        asked: post.requestBody.content['application/json'].schema.anyOf,
        answered: post.responses['202'].content['application/json'].schema.oneOf,
      };
    };
    // biome-ignore lint/suspicious/noExplicitAny: what a client reads
    const kinds = (schemas: any[]) => schemas.map(({ properties }) => properties.queue.const);
    const { asked, answered } = await described(server);
    expect([kinds(asked), kinds(answered)]).toEqual([QUEUES, QUEUES]);
    expect(asked.map(({ required }: { required: string[] }) => required)).toEqual([
      ['images'],
      ['data', 'name', 'queue'],
      ['data', 'name', 'queue'],
    ]);
    const plain = await startTestServer({ redis: redis.url });
    expect(kinds((await described(plain)).asked)).toEqual(['caption']);
    await plain.stop();
  });
});
