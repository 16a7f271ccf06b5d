import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { isCaptioned, loadCaptioner } from '../../src/captioner/index.js';
import { connectRedis } from '../../src/jobs/redis-connection.js';
import {
  TRAIN_JOB,
  TRAIN_QUEUE,
  type TrainJobProgress,
  trainResultSchema,
} from '../../src/jobs/train-contract.js';
import {
  createTrainQueue,
  type TrainJobRequest,
  type TrainJobStatus,
  type TrainQueue,
} from '../../src/jobs/train-queue.js';
import { writePhoto, writeText } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { TestWorker } from '../support/worker.js';

const IMAGES = 24;

/** A network that trains in seconds. */
const configuration = {
  name: 'tiny',
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: {
    decoder: { epochs: 2, batch: 8, learningRate: 1e-2, warmUpSteps: 1 },
    endToEnd: { epochs: 1, batch: 8, learningRate: 1e-2, encoderLearningRate: 1e-3, warmUpSteps: 1 },
  },
  checkpointSteps: 4,
};
/** So many epochs that a test has time to end it. */
const LONG = ['stages.decoder.epochs=5000', 'stages.endToEnd.epochs=0'];

describe.skipIf(noRedis)('the queue of train jobs (redis-server is not installed)', () => {
  let folder: string;
  let redis: TestRedis;
  let queue: TrainQueue;
  const workers: TestWorker[] = [];
  const run = (name: string, ...more: string[]) => join(folder, 'runs', name, ...more);
  const request = (name: string, set: string[] = []): TrainJobRequest => ({
    data: [join(folder, 'data', 'shapes')],
    configuration,
    set,
    name,
  });

  const work = async () => {
    const folders = ['--root', join(folder, 'data'), '--runs', join(folder, 'runs')];
    const worker = await TestWorker.start([
      '--redis',
      redis.url,
      '--queues',
      'train',
      ...folders,
      '--stalled-after',
      '3',
    ]);
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-train-jobs-'));
    await writeShapes({ out: join(folder, 'data', 'shapes'), images: IMAGES });
    redis = await TestRedis.start(['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']);
    queue = await createTrainQueue({ redis: redis.url });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop('SIGKILL')));
  });
  afterAll(async () => {
    await queue?.close();
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  /** Waits until a job has gone so many steps of its stage. */
  async function untilStep(id: string, step: number): Promise<void> {
    const reached = new AbortController();
    const onProgress = ({ progress }: TrainJobStatus) => {
      if ((progress?.step?.step ?? 0) >= step) reached.abort();
    };
    await queue.wait(id, { signal: reached.signal, onProgress }).catch(() => {});
    expect(reached.signal.aborted).toBe(true);
  }

  async function lossesOf(name: string): Promise<number[]> {
    const lines = (await readFile(run(name, 'log.jsonl'), 'utf8')).trim().split('\n');
    return lines.map((line) => JSON.parse(line).loss);
  }

  it('trains a model that captions, and tells how far it is', async () => {
    await work();
    const id = await queue.add(request('whole'));
    const seen: TrainJobProgress[] = [];
    const status = await queue.wait(id, {
      onProgress: ({ progress }) => {
        if (progress !== undefined) seen.push(progress);
      },
    });
    expect(status).toMatchObject({ state: 'completed', name: 'whole' });
    const result = trainResultSchema.parse(status.result);
    expect(result.model).toBe(run('whole', 'model'));
    expect(result.history.map(({ stage }) => stage)).toEqual(['decoder', 'decoder', 'endToEnd']);
    expect(result.totalSteps).toBe(await lossesOf('whole').then((losses) => losses.length));
    expect(seen.at(-1)).toMatchObject({
      step: { stage: 'endToEnd', loss: expect.any(Number), imagesPerSecond: expect.any(Number) },
      devScores: { shapes: expect.any(Number) },
    });
    const captioner = await loadCaptioner(result.model, { threads: 1 });
    const [photo] = (await readdir(join(folder, 'data', 'shapes'), { recursive: true })).filter((name) =>
      /\.(png|jpg)$/.test(name),
    );
    const [row] = await captioner.caption([join(folder, 'data', 'shapes', String(photo))]);
    await captioner.close();
    expect(row !== undefined && isCaptioned(row)).toBe(true);
  });

  it('loses nothing when its worker is killed: another goes on to the losses of an undisturbed run', async () => {
    const set = ['stages.decoder.epochs=20', 'stages.endToEnd.epochs=0', 'checkpointSteps=7'];
    const first = await work();
    const undisturbed = await queue.add(request('undisturbed', set));
    expect(await queue.wait(undisturbed)).toMatchObject({ state: 'completed' });
    const id = await queue.add(request('killed', set));
    await untilStep(id, 10);
    await first.stop('SIGKILL');
    // Their rates tell a step from the same one done again.
    const saved = (await readFile(run('killed', 'log.jsonl'), 'utf8')).split('\n').slice(0, 7);
    const second = await work();
    expect(await queue.wait(id)).toMatchObject({ state: 'completed' });
    expect(second.log).toContainEqual(
      expect.objectContaining({ msg: 'job of a worker that ended taken back' }),
    );
    expect(await lossesOf('killed')).toEqual(await lossesOf('undisturbed'));
    expect((await readFile(run('killed', 'log.jsonl'), 'utf8')).split('\n').slice(0, 7)).toEqual(saved);
  }, 120_000);

  it('goes on from its checkpoint when the process that trains ends', async () => {
    const worker = await work();
    const id = await queue.add(request('crashed', LONG));
    await untilStep(id, 10);
    process.kill(Number(worker.log.find(({ msg }) => msg === 'training')?.process), 'SIGKILL');
    await worker.said('job failed');
    expect(worker.log).toContainEqual(
      expect.objectContaining({ error: expect.stringContaining('[JOB_CRASHED]') }),
    );
    const losses = await lossesOf('crashed');
    // A step is told before it is logged: the one after the next is certainly of the second process.
    await untilStep(id, losses.length + 2);
    expect((await lossesOf('crashed')).slice(0, losses.length)).toEqual(losses);
    await queue.cancel(id);
    expect(await queue.wait(id)).toMatchObject({ failure: { code: 'JOB_CANCELLED' } });
  }, 120_000);

  it('is not trained twice at once where Redis is away, and goes on when it is back', async () => {
    const worker = await work();
    const id = await queue.add(request('away', LONG));
    await untilStep(id, 5);
    await redis.stop('SIGKILL');
    await worker.said('training ended: another worker may have the job by now');
    const { length } = await lossesOf('away');
    await redis.run();
    await untilStep(id, length + 2);
    await queue.cancel(id);
    expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CANCELLED' } });
  }, 120_000);

  it('is saved when it is cancelled, and goes on when it is tried again', async () => {
    await work();
    const id = await queue.add(request('cancelled', LONG));
    await untilStep(id, 5);
    expect(await queue.cancel(id)).toBe('stopping');
    expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_CANCELLED' } });
    const [checkpoint] = await readdir(run('cancelled', 'checkpoints'));
    const losses = await lossesOf('cancelled');
    expect(Number(checkpoint)).toBe(losses.length);
    await queue.retry(id);
    // A step is told before it is logged: the one after the next is certainly of the second process.
    await untilStep(id, losses.length + 2);
    expect((await lossesOf('cancelled')).slice(0, losses.length)).toEqual(losses);
    await queue.cancel(id);
    await queue.wait(id);
  }, 120_000);

  it('is saved and put back when its worker is told to end', async () => {
    const worker = await work();
    const id = await queue.add(request('returned', LONG));
    await untilStep(id, 5);
    expect(await worker.stop('SIGTERM')).toBe(0);
    expect(await queue.status(id)).toMatchObject({ state: 'waiting' });
    const [checkpoint] = await readdir(run('returned', 'checkpoints'));
    expect(Number(checkpoint)).toBe((await lossesOf('returned')).length);
    expect(await queue.cancel(id)).toBe('removed');
  });

  it('fails at once where nothing can mend it', async () => {
    await work();
    const connection = await connectRedis(redis.url, () => {});
    const foreign = new Queue(TRAIN_QUEUE, { connection: connection.client });
    const good = { version: 1, ...request('unmade') };
    const cases: [unknown, string][] = [
      [{ ...good, version: 2 }, 'JOB_INVALID'],
      [{ ...good, epochs: 2 }, 'JOB_INVALID'],
      [{ ...good, set: ['stages.decoder.epoch=2'] }, 'CONFIGURATION_INVALID'],
      [{ ...good, data: ['/etc'] }, 'PATH_FORBIDDEN'],
      [{ ...good, data: [join(folder, 'data', 'none')] }, 'DATASET_NOT_FOUND'],
      [{ ...good, init: '/etc' }, 'PATH_FORBIDDEN'],
      [{ ...good, set: ['encoder.source=/etc/model.json'] }, 'PATH_FORBIDDEN'],
    ];
    for (const [data, code] of cases) {
      const { id = '' } = await foreign.add(TRAIN_JOB, data, { attempts: 3 });
      expect(await queue.wait(id), JSON.stringify(data)).toMatchObject({
        state: 'failed',
        failure: { code },
      });
      expect((await foreign.getJob(id))?.attemptsMade).toBe(1);
    }
    expect(await readdir(run('')).catch(() => [])).not.toContain('unmade');
    // A run that is there already is another's.
    const again = await queue.add(request('whole'));
    expect(await queue.wait(again)).toMatchObject({ failure: { code: 'JOB_INVALID' } });
    await foreign.close();
    await connection.close();
  });

  it('reads nothing outside the roots through links in its data', async () => {
    await work();
    const [data, elsewhere] = [join(folder, 'data'), join(folder, 'elsewhere')];
    await writePhoto(join(elsewhere, 'secret.jpg'));
    await writeText(join(elsewhere, 'secret.txt'), 'A secret.');
    await writeText(join(data, 'linked', 'a.txt'), 'A secret.');
    await symlink(join(elsewhere, 'secret.jpg'), join(data, 'linked', 'a.jpg'));
    await writePhoto(join(data, 'told', 'a.jpg'));
    await symlink(join(elsewhere, 'secret.txt'), join(data, 'told', 'a.txt'));
    for (const name of ['linked', 'told']) {
      const id = await queue.add({ ...request(name), data: [join(data, name)] });
      expect(await queue.wait(id)).toMatchObject({ state: 'failed', failure: { code: 'PATH_FORBIDDEN' } });
      expect(await readdir(run(name))).toEqual(['job.json']);
    }
  }, 120_000);

  it('has the commands of the command line', async () => {
    const flags = ['--redis', redis.url];
    const data = ['--data', join(folder, 'data', 'shapes')];
    const added = await runCommand(['enqueue', 'train', ...data, '--name', 'commanded', ...flags]);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const id = added.stdout.trim();
    const shown = await runCommand(['jobs', 'show', id, ...flags]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id, state: 'waiting', name: 'commanded' });
    for (const which of [[], ['--queue', 'train']]) {
      const listed = await runCommand(['jobs', 'list', ...which, '--state', 'waiting', ...flags]);
      expect(listed.stdout).toMatch(new RegExp(`^${id}\twaiting\tcommanded\t`));
    }
    const others = await runCommand(['jobs', 'list', '--queue', 'caption', ...flags]);
    expect(others.stdout).toBe('');
    const cancelled = await runCommand(['jobs', 'cancel', id, ...flags]);
    expect(cancelled.stdout).toBe(`${id}\tremoved\n`);
    const typo = await runCommand(['enqueue', 'train', ...data, '--name', 'x', '--set', 'a=1', ...flags]);
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringContaining('CONFIGURATION_INVALID') });
    const homeless = await runCommand(['work', '--queues', 'train', ...flags]);
    expect(homeless).toMatchObject({ code: 2, stderr: expect.stringContaining('--runs') });
  }, 120_000);
});
