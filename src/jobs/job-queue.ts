import { type Job, type JobState, Queue, QueueEvents } from 'bullmq';
import { LegendaError } from '../errors.js';
import { askToCancel, forgetCancellation } from './cancellation.js';
import type { AnyStatus } from './job-status.js';
import { KEPT } from './kept.js';
import type { RedisConnection } from './redis-connection.js';
import { type WaitOptions, watchJob } from './watch-job.js';

/** When a job is to be done. */
export interface When {
  /** 1 is first, and so on; jobs without come before those. */
  readonly priority?: number | undefined;
  /** How long to wait before it may begin, milliseconds. */
  readonly delay?: number | undefined;
}

export interface QueueOptions {
  /** @defaultValue redis://127.0.0.1:6379 */
  readonly redis?: string;
  /** Is told when the connection is lost, and of each try that fails until it is there again. */
  readonly onError?: (error: Error) => void;
}

export const DEFAULTS = { ...KEPT, attempts: 3, backoff: { type: 'exponential', delay: 1000 } };

/** A queue as those see it who enqueue: what is the same whatever its jobs do. */
export abstract class JobQueue<AnyJob extends Job, Status extends AnyStatus> {
  protected readonly queue: Queue;
  private events: QueueEvents | undefined;

  constructor(
    private readonly name: string,
    protected readonly connection: RedisConnection,
    protected readonly onError: (error: Error) => void,
  ) {
    this.queue = new Queue(name, { ...connection.bullmq, defaultJobOptions: DEFAULTS });
    this.queue.on('error', () => {});
  }

  /** What Redis should have and lacks, a line each. */
  get warnings(): readonly string[] {
    return this.connection.warnings;
  }

  /** @throws `JOB_NOT_FOUND`. */
  async status(id: string): Promise<Status> {
    const status = await this.read({ id, state: await this.queue.getJobState(id) });
    if (status === undefined) throw gone(id);
    return status;
  }

  /**
   * Waits until the job is done or has failed.
   * @throws `JOB_NOT_FOUND`, also where it is removed meanwhile; the signal's reason.
   */
  async wait(id: string, { signal, onProgress }: WaitOptions<Status> = {}): Promise<Status> {
    this.events ??= new QueueEvents(this.name, { connection: this.connection.client }).on(
      'error',
      this.onError,
    );
    return watchJob(this.events, id, () => this.status(id), { signal, onProgress });
  }

  /**
   * Takes a job back. One that waits is removed; a worker that has it gives it up soon, and it fails with `JOB_CANCELLED`.
   * @throws `JOB_NOT_FOUND`.
   */
  async cancel(id: string): Promise<'removed' | 'stopping'> {
    const job = await this.job(id);
    try {
      await job.remove({ removeChildren: true });
      return 'removed';
    } catch {
      // Under way: only its worker can end it.
    }
    await askToCancel(this.connection, this.name, [id, ...this.partsOf(job)]);
    return 'stopping';
  }

  /** Has a failed job done again. @throws `JOB_NOT_FOUND`, `JOB_INVALID` for one that has not failed. */
  async retry(id: string): Promise<void> {
    const job = await this.job(id);
    const state = await job.getState();
    if (state !== 'failed') {
      throw new LegendaError('JOB_INVALID', {
        expected: 'a failed job',
        received: `${id}, which is ${state}`,
      });
    }
    await forgetCancellation(this.connection, this.name, id);
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  }

  /** Jobs of some states, the latest first. @param most at most so many. */
  async list(states: readonly JobState[], most: number): Promise<Status[]> {
    const found = await Promise.all(
      states.map(async (state) => {
        const ids = await this.queue.getRanges([state], 0, most - 1);
        return Promise.all(ids.map(async (id) => ({ id, state, added: await this.added(id) })));
      }),
    );
    const latest = found
      .flat()
      .sort((one, other) => other.added - one.added)
      .slice(0, most);
    const jobs = await Promise.all(latest.map((job) => this.read(job)));
    return jobs.filter((job) => job !== undefined);
  }

  /** How many jobs are in each state. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    return this.queue.getJobCounts();
  }

  /** Lets workers begin no further job until `resume`. */
  async pause(): Promise<void> {
    await this.queue.pause();
  }

  async resume(): Promise<void> {
    await this.queue.resume();
  }

  /** Removes all jobs that wait. */
  async drain(): Promise<void> {
    await this.queue.drain(true);
  }

  async close(): Promise<void> {
    await this.release();
    await this.connection.close();
  }

  /** Ends this queue, but not the connection, which others may use. */
  async release(): Promise<void> {
    await this.events?.close();
    await this.queue.close();
  }

  /** @param job its state as it was before. @returns undefined where it is gone. */
  protected abstract read(job: Pick<AnyStatus, 'id' | 'state'>): Promise<Status | undefined>;

  /** Jobs that a job waits for, which are cancelled with it. */
  protected partsOf(_job: AnyJob): readonly string[] {
    return [];
  }

  /** Milliseconds since 1970. */
  private async added(id: string): Promise<number> {
    return Number(await this.connection.redis.hGet(this.queue.toKey(id), 'timestamp'));
  }

  protected async job(id: string): Promise<AnyJob> {
    const job = (await this.queue.getJob(id)) as AnyJob | undefined;
    if (job !== undefined) return job;
    throw gone(id);
  }
}

export function gone(id: string): LegendaError {
  return new LegendaError('JOB_NOT_FOUND', {
    received: id,
    advice: 'jobs that are over are kept for a while only',
  });
}

/** Of when a job is to be done, what is said. */
export function given({ priority, delay }: When): { priority?: number; delay?: number } {
  return { ...(priority === undefined ? {} : { priority }), ...(delay === undefined ? {} : { delay }) };
}
