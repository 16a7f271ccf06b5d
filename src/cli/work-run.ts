import { once } from 'node:events';
import { resolve } from 'node:path';
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { LegendaError } from '../errors.js';
import { findRoots } from '../jobs/allowed-path.js';
import { Callbacks } from '../jobs/callbacks.js';
import { CaptionWorker } from '../jobs/caption-worker.js';
import { ImageSources } from '../jobs/image-sources.js';
import { InspectionMemory } from '../jobs/inspection-memory.js';
import { OneAtATime } from '../jobs/one-at-a-time.js';
import { PreprocessWorker } from '../jobs/preprocess-worker.js';
import type { QueueName } from '../jobs/queue-names.js';
import { connectRedis, type RedisConnection } from '../jobs/redis-connection.js';
import { RowMemory } from '../jobs/row-memory.js';
import { TrainWorker } from '../jobs/train-worker.js';
import { openWorkerModels } from '../jobs/worker-models.js';
import { interruptible } from './interruption.js';

/** `legenda work`'s options as commander gives them. */
export interface WorkFlags {
  readonly redis: string;
  readonly queues: readonly QueueName[];
  readonly runs?: string;
  readonly root: readonly string[];
  readonly allowUrls: boolean;
  readonly allowPrivateAddresses: boolean;
  readonly model: readonly string[];
  readonly concurrency: number;
  readonly remember: number;
  readonly stalledAfter: number;
  readonly grace: number;
}

/** How long after the grace a worker may take to hand in what it has; then Redis is away, and others do it again. */
const LAST_SECONDS = 10;

/** Takes jobs of one queue. */
interface JobTaker {
  /** @param grace milliseconds. */
  close(grace: number): Promise<void>;
}

/** What the workers of all queues use. */
interface Shared {
  readonly connection: RedisConnection;
  readonly log: Logger;
}

/**
 * Does `legenda work`.
 * @returns the exit code.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE`, and what `loadCaptioner` throws.
 */
export async function runWork(options: WorkFlags): Promise<number> {
  const log = pino(
    { base: { pid: process.pid }, timestamp: stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
  const { queues, root: roots, allowUrls } = options;
  const writing = queues.find((name) => name !== 'caption');
  if (writing !== undefined && options.runs === undefined) {
    throw new LegendaError('USAGE', { expected: `--runs <folder>, with --queues ${writing}` });
  }
  const signal = interruptible();
  const connection = await connectRedis(options.redis, (error) =>
    log.debug({ error: error.message }, 'Redis'),
  );
  for (const warning of connection.warnings) log.warn(warning);
  const workers: JobTaker[] = [];
  if (queues.includes('caption')) workers.push(await startCaptioning(options, { connection, log }));
  if (queues.includes('train')) workers.push(await startTraining(options, { connection, log }));
  if (queues.includes('preprocess')) workers.push(await startPreprocessing(options, { connection, log }));
  log.info({ queues, roots, allowUrls }, 'waiting for jobs');
  if (!signal.aborted) await once(signal, 'abort');
  log.info({ graceSeconds: options.grace }, 'ending');
  await end(workers, options.grace, log);
  await connection.close();
  return 0;
}

async function startCaptioning(options: WorkFlags, { connection, log }: Shared): Promise<JobTaker> {
  const { root: roots, allowUrls, allowPrivateAddresses } = options;
  const sources = await ImageSources.open({ roots, allowUrls, allowPrivateAddresses });
  const { models, close } = await openWorkerModels(options.model);
  const secret = process.env.LEGENDA_WEBHOOK_SECRET;
  const callbacks = secret ? new Callbacks(connection, { secret, allowPrivateAddresses, log }) : undefined;
  const worker = await CaptionWorker.start({
    connection,
    models,
    sources,
    memory: options.remember === 0 ? undefined : new RowMemory(connection, 60 * options.remember),
    suspects: new OneAtATime(),
    concurrency: options.concurrency,
    stalledAfter: 1000 * options.stalledAfter,
    callbacks,
    log,
  });
  log.info({ models: [...models.keys()] }, 'captioning');
  return {
    close: async (grace) => {
      await worker.close(grace);
      await callbacks?.close();
      await close();
    },
  };
}

async function startTraining(options: WorkFlags, shared: Shared): Promise<JobTaker> {
  const { root, model: models, runs = '', stalledAfter } = options;
  const roots = await findRoots(root);
  return TrainWorker.start({
    ...shared,
    roots,
    models,
    runs: resolve(runs),
    stalledAfter: 1000 * stalledAfter,
  });
}

async function startPreprocessing(options: WorkFlags, shared: Shared): Promise<JobTaker> {
  const { root, runs = '', remember, stalledAfter } = options;
  return PreprocessWorker.start({
    ...shared,
    roots: await findRoots(root),
    runs: resolve(runs),
    memory: remember === 0 ? undefined : new InspectionMemory(shared.connection, 60 * remember),
    stalledAfter: 1000 * stalledAfter,
  });
}

async function end(workers: readonly JobTaker[], grace: number, log: Logger): Promise<void> {
  const late = setTimeout(
    () => {
      log.error('jobs could not be handed in: other workers will do them again');
      process.exit(1);
    },
    1000 * (grace + LAST_SECONDS),
  );
  await Promise.all(workers.map((worker) => worker.close(1000 * grace)));
  clearTimeout(late);
  log.info('ended');
}
