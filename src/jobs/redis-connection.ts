import { createNodeRedisClient, type IRedisClient, type Telemetry } from 'bullmq';
import { createClient } from 'redis';
import { LegendaError } from '../errors.js';
import { checkFitness } from './redis-fitness.js';
import { findTelemetry } from './telemetry.js';
import { wholeTransactions } from './whole-transactions.js';

/** How long a first connection may take, milliseconds. Later ones are tried for ever: a Redis that is away comes back. */
const PATIENCE = 5000;

type Redis = ReturnType<typeof makeClient>;

/** A connection to Redis for queues, workers and what they keep beside. */
export interface RedisConnection {
  /** For BullMQ, which makes further connections from it. */
  readonly client: IRedisClient;
  /** What queues and workers are made with. */
  readonly bullmq: { readonly connection: IRedisClient; readonly telemetry?: Telemetry };
  /** For commands of our own. */
  readonly redis: Redis;
  /** What Redis, or tracing, should have and lacks, a line each. */
  readonly warnings: readonly string[];
  /** To be called after what uses it is closed. */
  close(): Promise<void>;
}

/**
 * Connects to a Redis that is fit for a queue.
 * @param url such as redis://user:password@host:6379/0, rediss: for TLS.
 * @param onError is told when the connection is lost, and each time that it cannot be made again.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`.
 */
export async function connectRedis(url: string, onError: (error: Error) => void): Promise<RedisConnection> {
  const where = tellableRedis(url);
  const redis = makeClient(url);
  let failure: unknown;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  const timer = setTimeout(() => redis.destroy(), PATIENCE);
  try {
    await redis.connect();
    const unfit = checkFitness(await redis.info(), where);
    const { telemetry, warning, flush } = await findTelemetry();
    redis.on('error', onError);
    const client = createNodeRedisClient(redis as never);
    return {
      client,
      bullmq: { connection: client, ...(telemetry === undefined ? {} : { telemetry }) },
      redis,
      warnings: warning === undefined ? unfit : [...unfit, warning],
      close: async () => {
        redis.destroy();
        await flush();
      },
    };
  } catch (error) {
    if (redis.isOpen) redis.destroy();
    if (error instanceof LegendaError) throw error;
    const cause = failure ?? error;
    throw new LegendaError('REDIS_UNAVAILABLE', {
      expected: 'a Redis that answers',
      received: `${where} (${cause instanceof Error ? cause.message || cause.name : String(cause)})`,
      advice: 'start it, or name another with --redis',
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The address without user and password. */
function tellableRedis(url: string): string {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw new LegendaError('USAGE', {
      expected: 'an address of Redis such as redis://127.0.0.1:6379',
      received: url.replace(/\/\/.*@/, '//'),
    });
  }
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function makeClient(url: string) {
  const client = createClient({
    url,
    socket: { connectTimeout: PATIENCE, reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, 2000) },
  });
  wholeTransactions(client);
  return lossless(client);
}

/** What of a client BullMQ sends a job's commands with. */
interface Sending {
  evalSha(...parameters: never[]): Promise<unknown>;
  eval(...parameters: never[]): Promise<unknown>;
  bzPopMin(...parameters: never[]): Promise<unknown>;
  xRead(...parameters: never[]): Promise<unknown>;
  duplicate(...parameters: never[]): Sending;
}

/**
 * Has a command that was under way when the connection broke, or came while Redis still loads its data, fail with what BullMQ
 * knows as a lost connection. It then tries again when Redis is back; anything else it takes for a failure of the job.
 */
function lossless<Client extends object>(client: Client): Client {
  const sending = client as unknown as Sending;
  for (const name of ['evalSha', 'eval', 'bzPopMin', 'xRead'] as const) {
    const send = sending[name].bind(client);
    sending[name] = async (...parameters) => {
      try {
        return await send(...parameters);
      } catch (error) {
        throw isLoss(error) ? new Error('Connection is closed.', { cause: error }) : error;
      }
    };
  }
  const duplicate = sending.duplicate.bind(client);
  sending.duplicate = (...parameters) => lossless(duplicate(...parameters));
  return client;
}

/** Asks again what was under way when the connection broke. @param ask what may be done twice. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // The client holds back what is asked until it is connected again.
      if (!isLoss(error)) throw error;
    }
  }
}

function isLoss(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    /^(?:Socket closed|Connection timeout|Socket timeout|LOADING )/.test(message) || /^E[A-Z]+$/.test(code)
  );
}
