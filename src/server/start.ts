import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { LegendaError } from '../errors.js';
import { type ImageSourceOptions, ImageSources } from '../jobs/image-sources.js';
import type { QueueName } from '../jobs/queue-names.js';
import { SharedCaptions } from './captions/shared-captions.js';
import { isLoopback } from './hosts.js';
import type { ServedJobs } from './jobs/served-jobs.js';
import type { Limits } from './limits.js';
import { Metrics } from './metrics.js';
import { createServer } from './server.js';
import { Tokens } from './tokens.js';

export interface StartOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Folders of models; requests that name none get the first. */
  readonly models: readonly string[];
  /** Where images may come from other than the requests themselves. */
  readonly sources: Pick<ImageSourceOptions, 'roots' | 'allowUrls' | 'allowPrivateAddresses'>;
  /** The address of the Redis with the queue, for jobs. */
  readonly redis: string | undefined;
  /** The kinds of jobs that may be added. */
  readonly queues: readonly QueueName[];
  readonly tokens: readonly string[];
  /** Lets other machines in without a token. */
  readonly noToken: boolean;
  /** Names that it may be asked by where no token is needed, besides localhost and addresses. */
  readonly allowHosts: readonly string[];
  readonly trustProxy: boolean;
  readonly limits: Limits;
  readonly log: FastifyBaseLogger;
}

export interface RunningServer {
  /** Where it is: `http://127.0.0.1:4300`. */
  readonly address: string;
  /** Takes no further connections, finishes the requests under way, and frees the models. */
  stop(): Promise<void>;
}

/**
 * Serves the HTTP API and the page.
 * @throws `USAGE` for a host that other machines reach and no token, or a port that is taken; what `loadCaptioner` throws.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { host, port, limits, log, trustProxy, allowHosts } = options;
  const tokens = new Tokens(options.tokens);
  requireProtection(host, tokens.needed || options.noToken);
  const metrics = new Metrics();
  const sources = await ImageSources.open({ ...options.sources, mostBytes: limits.bodyBytes });
  const jobs = await openJobs(options);
  const captions = await SharedCaptions.open(options.models, sources, metrics);
  const app = await createServer({ captions, jobs, metrics, tokens, limits, log, allowHosts, trustProxy });
  try {
    await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    await app.close();
    throw new LegendaError('USAGE', {
      expected: 'a host and a port to listen at',
      received: error instanceof Error ? error.message : String(error),
      advice: 'choose others with --host and --port',
      cause: error,
    });
  }
  const { address, family, port: taken } = app.server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return { address: `http://${name}:${taken}`, stop: () => app.close() };
}

function requireProtection(host: string, protectedOrMeantSo: boolean): void {
  if (isLoopback(host) || protectedOrMeantSo) return;
  throw new LegendaError('USAGE', {
    expected: `a token, as other machines reach ${host}`,
    received: 'none',
    advice: 'give one with --token or LEGENDA_TOKENS, or say --no-token',
  });
}

/** Loaded only where it is asked for: the queue's libraries take longer to load than all others. */
async function openJobs({ redis, queues, log }: StartOptions): Promise<ServedJobs | undefined> {
  if (redis === undefined) return undefined;
  return (await import('./jobs/served-jobs.js')).ServedJobs.open(redis, queues, log);
}
