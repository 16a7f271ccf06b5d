import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue } from 'bullmq';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { CaptionQueue } from '../../jobs/caption-queue.js';
import { CAPTION_QUEUE } from '../../jobs/contract.js';
import { connectRedis } from '../../jobs/redis-connection.js';
import type { Metrics } from '../metrics.js';
import type { Operations } from '../operation.js';
import { asRequestError, problemOf } from '../problem.js';
import { addJobRoutes } from './job-routes.js';
import { soon } from './soon.js';

type Status = NonNullable<ControllerHandlerReturnType['status']>;

const BOARD = '/board';
/** The board names a font of another host, which is to hear nothing of who looks at it. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** The queue as the server shows it: its routes, its board, its figures. */
export class ServedJobs {
  private readonly closing = new AbortController();

  private constructor(
    private readonly queue: CaptionQueue,
    /** For the board, which looks into BullMQ's own queue. */
    private readonly shown: Queue,
  ) {}

  /** @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE`. */
  static async open(redis: string, log: FastifyBaseLogger): Promise<ServedJobs> {
    const onError = ({ message }: Error) => log.debug({ error: message }, 'Redis');
    const connection = await connectRedis(redis, onError);
    for (const warning of connection.warnings) log.warn(warning);
    const shown = new Queue(CAPTION_QUEUE, connection.bullmq);
    shown.on('error', onError);
    return new ServedJobs(new CaptionQueue(connection, onError), shown);
  }

  /** @throws `REDIS_UNAVAILABLE`. */
  async check(): Promise<void> {
    await soon(this.queue.counts());
  }

  async addTo(app: FastifyInstance, operations: Operations, metrics: Metrics): Promise<void> {
    addJobRoutes(operations, this.queue, this.closing.signal);
    metrics.gauges('legenda_jobs', 'Caption jobs in the queue', 'state', () => soon(this.queue.counts()));
    const adapter = new FastifyAdapter().setBasePath(BOARD);
    createBullBoard({ queues: [new BullMQAdapter(this.shown)], serverAdapter: adapter });
    // Its own handler would answer a wrong token with a failure of the server.
    adapter.setErrorHandler((error) => {
      const problem = problemOf(asRequestError(error));
      return { status: problem.status as Status, body: problem };
    });
    await app.register(async (board) => {
      board.addHook('onRequest', async (_, reply) => void reply.header('content-security-policy', POLICY));
      await board.register(adapter.registerPlugin(), { prefix: BOARD });
    });
  }

  /** Ends what follows jobs, so that their connections can close. */
  stopFollowing(): void {
    this.closing.abort(new Error('the server is stopping'));
  }

  async close(): Promise<void> {
    await this.shown.close();
    await this.queue.close();
  }
}
