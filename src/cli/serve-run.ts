import { once } from 'node:events';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import { LegendaError } from '../errors.js';
import type { QueueName } from '../jobs/queue-names.js';
import { DEFAULT_LIMITS, openLog, startServer, tokensIn } from '../server/index.js';
import { interruptible } from './interruption.js';

/** The options of `legenda serve` as commander gives them. */
export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly model: readonly string[];
  readonly redis?: string;
  readonly queues?: readonly QueueName[];
  readonly root: readonly string[];
  readonly allowUrls: boolean;
  readonly allowPrivateAddresses: boolean;
  /** False for --no-token. */
  readonly token: readonly string[] | false;
  readonly allowHost: readonly string[];
  readonly rateLimit: number;
  readonly bodyLimit: number;
  readonly trustProxy: boolean;
  readonly logLevel: string;
}

/** Serves until it is told to stop. @returns the exit code. @throws `USAGE`, and what `startServer` throws. */
export async function runServe(flags: ServeFlags): Promise<number> {
  if (flags.queues !== undefined && flags.redis === undefined) {
    throw new LegendaError('USAGE', { expected: `--redis <url>, with --queues ${flags.queues.join(',')}` });
  }
  const stopped = interruptible();
  const log = openLog(flags.logLevel);
  const bodyBytes = flags.bodyLimit * 1024 * 1024;
  const server = await startServer({
    host: flags.host,
    port: flags.port,
    models: flags.model.length === 0 ? [DEFAULT_MODEL] : flags.model,
    redis: flags.redis,
    queues: flags.queues ?? ['caption'],
    sources: {
      roots: flags.root,
      allowUrls: flags.allowUrls,
      allowPrivateAddresses: flags.allowPrivateAddresses,
    },
    tokens: flags.token === false ? [] : [...flags.token, ...tokensIn(process.env.LEGENDA_TOKENS)],
    noToken: flags.token === false,
    allowHosts: flags.allowHost,
    trustProxy: flags.trustProxy,
    limits: {
      ...DEFAULT_LIMITS,
      bodyBytes,
      bodyBytesUnderWay: 8 * bodyBytes,
      requestsPerMinute: flags.rateLimit,
    },
    log,
  });
  process.stdout.write(`${server.address}\n`);
  if (!stopped.aborted) await once(stopped, 'abort');
  log.info('stopping');
  await server.stop();
  return 0;
}
