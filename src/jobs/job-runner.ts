import { type Job, UnrecoverableError, WaitingChildrenError, WaitingError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { type ErrorCode, LegendaError } from '../errors.js';
import { onCancel, wasCancelled } from './cancellation.js';
import { ConnectionLog } from './connection-log.js';
import { failureLine, failureOf } from './job-failure.js';
import { KEPT } from './kept.js';
import type { RedisConnection } from './redis-connection.js';

/** How often a job may be under way when a worker ends, for no fault of its own perhaps, before it is given up. */
const MOST_STALLED = 10;

/** Why a job is put back in the queue: it is to be done later, or by another. */
class GivenBack extends Error {}

export type Handler = (job: Job, signal: AbortSignal) => Promise<unknown>;

export interface JobRunnerOptions {
  readonly queue: string;
  readonly connection: RedisConnection;
  readonly log: Logger;
  /** Jobs under way at once. */
  readonly concurrency: number;
  /** How long after a worker ended without a word its jobs are given to others, milliseconds. */
  readonly stalledAfter: number;
  /** By the names of jobs. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** What a second try cannot mend. */
  readonly isFinal: (code: ErrorCode) => boolean;
  /** What the log says of a job that is done. */
  readonly describe: (job: Job) => object;
  /** Is told of each job that is no longer under way, however it ended. */
  readonly onOver?: (id: string) => void;
  /** Is told of each job that is cancelled, be it under way here or not. */
  readonly onCancel?: (id: string) => void;
}

/** Takes the jobs of a queue and does them: what is the same whatever they are. */
export class JobRunner {
  /** For what a kind of jobs needs besides. */
  readonly worker: Worker;
  private readonly redis: ConnectionLog;
  private readonly active = new Map<string, AbortController>();
  private stopListening: () => void = () => {};

  constructor(private readonly options: JobRunnerOptions) {
    const { queue, connection, log, concurrency, stalledAfter } = options;
    this.redis = new ConnectionLog(connection, log);
    this.worker = new Worker(queue, (job, token) => this.run(job, token), {
      ...connection.bullmq,
      autorun: false,
      concurrency,
      lockDuration: stalledAfter,
      stalledInterval: stalledAfter,
      maxStalledCount: MOST_STALLED,
      // How soon a result is tried again to be handed in after the connection was lost; and an idle worker looks.
      runRetryDelay: 1000,
      ...KEPT,
    });
    this.worker.on('failed', (job, error) => {
      log.warn({ job: job?.id, attempt: job?.attemptsMade, error: error.message }, 'job failed');
    });
    this.worker.on('stalled', (id) => log.warn({ job: id }, 'job of a worker that ended taken back'));
    this.worker.on('error', (error) => this.lost(error));
    this.worker.on('ready', () => this.redis.found());
  }

  /** Begins to take jobs. */
  async start(): Promise<void> {
    const { connection, queue } = this.options;
    const lost = (error: Error) => this.lost(error);
    const cancel = (id: string) => {
      this.active.get(id)?.abort(cancelled(id));
      this.options.onCancel?.(id);
    };
    this.stopListening = await onCancel(connection, queue, cancel, lost);
    await this.worker.waitUntilReady();
    void this.worker.run().catch(lost);
  }

  /** Takes no more jobs; those under way go on. */
  async stopTaking(): Promise<void> {
    await this.worker.pause(true);
  }

  /** Gives back all that is under way. */
  giveBack(why: string): void {
    for (const controller of this.active.values()) controller.abort(new GivenBack(why));
  }

  /** Ends when all that is under way is over. */
  async close(): Promise<void> {
    await this.worker.close();
    this.stopListening();
  }

  /** Says, once, that Redis is away; or what else happened. */
  lost(error: Error): void {
    this.redis.lost(error);
  }

  private async run(job: Job, token: string | undefined): Promise<unknown> {
    const { queue, connection, log, handlers, isFinal, describe, onOver } = this.options;
    const id = String(job.id);
    const controller = new AbortController();
    this.active.set(id, controller);
    const began = performance.now();
    try {
      const handle = handlers.get(job.name);
      if (handle === undefined) throw unknownJob(job.name, [...handlers.keys()]);
      if (await wasCancelled(connection, queue, id)) throw cancelled(id);
      const result = await handle(job, controller.signal);
      log.info({ job: id, ...describe(job), ms: Math.round(performance.now() - began) }, 'job done');
      return result;
    } catch (error) {
      if (error instanceof GivenBack) {
        await job.moveToWait(token);
        log.info({ job: id, why: error.message }, 'job given back');
        throw new WaitingError();
      }
      if (error instanceof WaitingChildrenError) throw error;
      const known = failureOf(error);
      const line = failureLine(known);
      throw isFinal(known.code) ? new UnrecoverableError(line) : new Error(line, { cause: error });
    } finally {
      this.active.delete(id);
      onOver?.(id);
    }
  }
}

export function cancelled(id: string): LegendaError {
  return new LegendaError('JOB_CANCELLED', { received: id });
}

function unknownJob(name: string, known: readonly string[]): LegendaError {
  return new LegendaError('JOB_INVALID', { expected: `a job named ${known.join(' or ')}`, received: name });
}
