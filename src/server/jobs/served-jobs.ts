import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue } from 'bullmq';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { CAPTION_QUEUE } from '../../jobs/contract.js';
import { JobQueues } from '../../jobs/job-queues.js';
import { PREPROCESS_QUEUE, SHARD_QUEUE } from '../../jobs/preprocess-contract.js';
import { QUEUES, type QueueName } from '../../jobs/queue-names.js';
import { TRAIN_QUEUE } from '../../jobs/train-contract.js';
import type { Figure, Metrics } from '../metrics.js';
import type { Operations } from '../operation.js';
import { asRequestError, problemOf } from '../problem.js';
import { addAddingRoutes } from './add-job.js';
import { addJobRoutes } from './job-routes.js';
import { soon } from './soon.js';

type Status = NonNullable<ControllerHandlerReturnType['status']>;

const BOARD = '/board';
/** The board names a font of another host, which is to hear nothing of who looks at it. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** The queues as the server shows them: their routes, their board, their figures. */
export class ServedJobs {
  private readonly closing = new AbortController();

  private constructor(
    private readonly queues: JobQueues,
    /** Those that may be added. */
    private readonly kinds: readonly QueueName[],
    /** For the board, which looks into BullMQ's own queues. */
    private readonly shown: readonly Queue[],
  ) {}

  /** @param kinds the jobs that may be added. @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE`. */
  static async open(redis: string, kinds: readonly QueueName[], log: FastifyBaseLogger): Promise<ServedJobs> {
    const onError = ({ message }: Error) => log.debug({ error: message }, 'Redis');
    const queues = await JobQueues.open(redis, onError);
    const { warnings, bullmq } = queues.connection;
    for (const warning of warnings) log.warn(warning);
    const names = [CAPTION_QUEUE, TRAIN_QUEUE, PREPROCESS_QUEUE, SHARD_QUEUE];
    const shown = names.map((name) => new Queue(name, bullmq).on('error', onError));
    return new ServedJobs(queues, kinds, shown);
  }

  /** @throws `REDIS_UNAVAILABLE`. */
  async check(): Promise<void> {
    await soon(this.queues.caption.counts());
  }

  async addTo(app: FastifyInstance, operations: Operations, metrics: Metrics): Promise<void> {
    addAddingRoutes(operations, this.queues, this.kinds);
    addJobRoutes(operations, this.queues, this.closing.signal);
    metrics.gauges('legenda_jobs', 'Jobs in the queues', ['queue', 'state'], () => soon(this.count()));
    const adapter = new FastifyAdapter().setBasePath(BOARD);
    createBullBoard({ queues: this.shown.map((queue) => new BullMQAdapter(queue)), serverAdapter: adapter });
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
    await Promise.all(this.shown.map((queue) => queue.close()));
    await this.queues.close();
  }

  /** How many jobs are in each queue and state. */
  private async count(): Promise<Figure[]> {
    const figures = await Promise.all(
      QUEUES.map(async (queue) => {
        const states = Object.entries(await this.queues[queue].counts());
        return states.map(([state, value]) => ({ labels: { queue, state }, value }));
      }),
    );
    return figures.flat();
  }
}
