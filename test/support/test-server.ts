import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import sharp from 'sharp';
import { Random } from '../../src/random.js';
import {
  DEFAULT_LIMITS,
  type Limits,
  type RunningServer,
  type StartOptions,
  startServer,
} from '../../src/server/index.js';
import { writeTinyBundle } from './tiny-bundle.js';

export const TOKEN = 'a-token-that-nobody-guesses';

export interface TestServer extends RunningServer {
  /** What it logged, a line each. */
  readonly log: readonly string[];
}

export interface TestServerOptions {
  readonly tokens?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly sources?: StartOptions['sources'];
  /** The address of a Redis with a queue. */
  readonly redis?: string;
  /** The kinds of jobs that may be added. */
  readonly queues?: StartOptions['queues'];
  readonly trustProxy?: boolean;
  readonly allowHosts?: readonly string[];
}

/** A server with a tiny random model, `tiny`, on a free port of this machine; stopping it deletes its files. */
export async function startTestServer({
  tokens = [],
  limits,
  sources = {},
  redis,
  queues = ['caption'],
  trustProxy = false,
  allowHosts = [],
}: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'legenda-server-'));
  await writeTinyBundle(folder);
  const log: string[] = [];
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    models: [folder],
    sources,
    redis,
    queues,
    tokens,
    noToken: false,
    allowHosts,
    trustProxy,
    limits: { ...DEFAULT_LIMITS, requestsPerMinute: 0, ...limits },
    log: memoryLog(log),
  });
  return {
    ...server,
    log,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A photo of large random blocks, as a JPEG: each seed is another picture. */
export async function photoBytes(seed: number): Promise<Buffer> {
  const random = new Random(seed);
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
  return sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(64, 64, { kernel: 'nearest' })
    .jpeg()
    .toBuffer();
}

function memoryLog(lines: string[]): Logger {
  return pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
}
