import { once } from 'node:events';
import { destination, type Logger, pino } from 'pino';
import { Callbacks } from '../jobs/callbacks.js';
import { CaptionWorker } from '../jobs/caption-worker.js';
import { ImageSources } from '../jobs/image-sources.js';
import { OneAtATime } from '../jobs/one-at-a-time.js';
import { connectRedis } from '../jobs/redis-connection.js';
import { RowMemory } from '../jobs/row-memory.js';
import { openWorkerModels } from '../jobs/worker-models.js';
import { interruptible } from './interruption.js';

/** `legenda work`'s options as commander gives them. */
export interface WorkFlags {
  readonly redis: string;
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

/**
 * Does `legenda work`.
 * @returns the exit code.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE`, and what `loadCaptioner` throws.
 */
export async function runWork(options: WorkFlags): Promise<number> {
  const log = pino({ base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
  const signal = interruptible();
  const { root: roots, allowUrls, allowPrivateAddresses } = options;
  const sources = await ImageSources.open({ roots, allowUrls, allowPrivateAddresses });
  const connection = await connectRedis(options.redis, (error) =>
    log.debug({ error: error.message }, 'Redis'),
  );
  for (const warning of connection.warnings) log.warn(warning);
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
  log.info({ models: [...models.keys()], roots, allowUrls }, 'waiting for jobs');
  if (!signal.aborted) await once(signal, 'abort');
  log.info({ graceSeconds: options.grace }, 'ending');
  await end(worker, options.grace, log);
  await callbacks?.close();
  await close();
  await connection.close();
  return 0;
}

async function end(worker: CaptionWorker, grace: number, log: Logger): Promise<void> {
  const late = setTimeout(
    () => {
      log.error('jobs could not be handed in: other workers will do them again');
      process.exit(1);
    },
    1000 * (grace + LAST_SECONDS),
  );
  await worker.close(1000 * grace);
  clearTimeout(late);
  log.info('ended');
}
