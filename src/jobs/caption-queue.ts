import { createHash, randomUUID } from 'node:crypto';
import { FlowProducer, type JobState, Queue, QueueEvents } from 'bullmq';
import { type CaptionRow, failedRow } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import { askToCancel, forgetCancellation } from './cancellation.js';
import {
  CAPTION_JOB,
  CAPTION_QUEUE,
  type CaptionJob,
  type CaptionJobImage,
  parseCaptionJob,
} from './contract.js';
import { DEFAULT_REDIS } from './default-redis.js';
import { imagesOfShard, shardId, shardResult } from './gather.js';
import { imageName } from './image-sources.js';
import { readFailure } from './job-failure.js';
import { type AnyJob, GATHER_JOB, type GatherData, isGather, type JobStatus } from './job-status.js';
import { KEPT } from './kept.js';
import { readStatus } from './read-status.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { type WaitOptions, watchJob } from './watch-job.js';

/** A caption job before it is enqueued; see docs/queue.md. */
export type CaptionJobRequest = Omit<CaptionJob, 'version'>;

export interface EnqueueOptions {
  /** 1 is first, and so on; jobs without come before those. */
  readonly priority?: number | undefined;
  /** How long to wait before it may begin, milliseconds. */
  readonly delay?: number | undefined;
  /** Where a job with the same images, model, options and callback waits or runs, gives that one's id and adds none. @defaultValue false */
  readonly deduplicate?: boolean | undefined;
}

export interface CaptionQueueOptions {
  /** @defaultValue redis://127.0.0.1:6379 */
  readonly redis?: string;
  /** Is told when the connection is lost, and of each try that fails until it is there again. */
  readonly onError?: (error: Error) => void;
}

/** Images of a shard: few enough to spread over the workers and to do again at little cost, enough to fill batches. */
const SHARD = 100;

const DEFAULTS = { ...KEPT, attempts: 3, backoff: { type: 'exponential', delay: 1000 } };

/** The queue of caption jobs. Made by `createCaptionQueue`. */
export class CaptionQueue {
  private readonly queue: Queue<CaptionJob | GatherData>;
  private flows: FlowProducer | undefined;
  private events: QueueEvents | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly onError: (error: Error) => void,
  ) {
    this.queue = new Queue(CAPTION_QUEUE, { ...connection.bullmq, defaultJobOptions: DEFAULTS });
    this.queue.on('error', () => {});
  }

  /** What Redis should have and lacks, a line each. */
  get warnings(): readonly string[] {
    return this.connection.warnings;
  }

  /** Adds a job. @returns its id. @throws `JOB_INVALID`. */
  async add(request: CaptionJobRequest, options: EnqueueOptions = {}): Promise<string> {
    const data = parseCaptionJob({ version: 1, ...request });
    const { deduplicate = false, ...when } = options;
    const job = await this.queue.add(CAPTION_JOB, data, {
      ...given(when),
      ...counted(data),
      ...(deduplicate ? { deduplication: { id: digest(data) } } : {}),
    });
    return job.id ?? '';
  }

  /**
   * Adds any number of images as a job that is over when all are: a job of a hundred images each, spread over the workers. Its
   * rows are read with {@link rows}.
   * @returns its id. @throws `JOB_INVALID`.
   */
  async addAll(
    request: CaptionJobRequest,
    options: Omit<EnqueueOptions, 'deduplicate'> = {},
  ): Promise<string> {
    const { images, ...rest } = request;
    const id = randomUUID();
    const shards: CaptionJob[] = [];
    for (let from = 0; from < images.length; from += SHARD) {
      shards.push(parseCaptionJob({ version: 1, images: images.slice(from, from + SHARD), ...rest }));
    }
    this.flows ??= this.listening(new FlowProducer(this.connection.bullmq));
    const opts = { ...DEFAULTS, ...given(options) };
    const data: GatherData = { version: 1, shards: shards.length, images: images.length, shard: SHARD };
    await this.flows.add({
      name: GATHER_JOB,
      queueName: CAPTION_QUEUE,
      data,
      opts: { ...KEPT, jobId: id },
      children: shards.map((data, shard) => ({
        name: CAPTION_JOB,
        queueName: CAPTION_QUEUE,
        data,
        opts: { ...opts, ...counted(data), jobId: shardId(id, shard), ignoreDependencyOnFailure: true },
      })),
    });
    return id;
  }

  /** @throws `JOB_NOT_FOUND`. */
  async status(id: string): Promise<JobStatus> {
    const state = await this.queue.getJobState(id);
    const status = await readStatus(this.connection.redis, this.queue.toKey(id), id, state);
    if (status === undefined) throw gone(id);
    return status;
  }

  /**
   * Waits until the job is done or has failed.
   * @throws `JOB_NOT_FOUND`, also where it is removed meanwhile; the signal's reason.
   */
  async wait(id: string, { signal, onProgress }: WaitOptions = {}): Promise<JobStatus> {
    this.events ??= this.listening(new QueueEvents(CAPTION_QUEUE, { connection: this.connection.client }));
    return watchJob(this.events, id, () => this.status(id), { signal, onProgress });
  }

  /**
   * The rows of a job that is over, in the order of its images. Of one that failed, or a shard that did, each image has a row
   * with the job's error; of a shard that was removed, one with `JOB_NOT_FOUND`.
   * @throws `JOB_NOT_FOUND`.
   */
  async *rows(id: string): AsyncGenerator<CaptionRow, void, undefined> {
    const job = await this.job(id);
    if (!isGather(job)) {
      yield* rowsOf(job);
      return;
    }
    const data = job.data as GatherData;
    for (let shard = 0; shard < data.shards; shard++) yield* await this.rowsOfShard(id, data, shard);
  }

  private async rowsOfShard(id: string, data: GatherData, shard: number): Promise<readonly CaptionRow[]> {
    const result = await shardResult(this.connection, (id) => this.queue.toKey(id), id, shard);
    if (result !== undefined) return result.results;
    const job = (await this.queue.getJob(shardId(id, shard))) as AnyJob | undefined;
    if (job !== undefined) return rowsOf(job);
    // What its images are called went with it.
    const first = shard * data.shard + 1;
    return Array.from({ length: imagesOfShard(data, shard) }, (_, index) =>
      failedRow(`image ${first + index}`, gone(shardId(id, shard))),
    );
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
    // Of a long list, those that are over too: it costs less to tell them than to ask which are.
    const shards = isGather(job) ? (job.data as GatherData).shards : 0;
    const ids = Array.from({ length: shards }, (_, shard) => shardId(id, shard));
    await askToCancel(this.connection, [id, ...ids]);
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
    await forgetCancellation(this.connection, id);
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  }

  /** Jobs of some states, the latest first. @param most at most so many. */
  async list(states: readonly JobState[], most: number): Promise<JobStatus[]> {
    const { redis } = this.connection;
    const found = await Promise.all(
      states.map(async (state) => {
        const ids = await this.queue.getRanges([state], 0, most - 1);
        return Promise.all(
          ids.map(async (id) => {
            const key = this.queue.toKey(id);
            return { id, key, state, added: Number(await redis.hGet(key, 'timestamp')) };
          }),
        );
      }),
    );
    const latest = found
      .flat()
      .sort((one, other) => other.added - one.added)
      .slice(0, most);
    const jobs = await Promise.all(latest.map(({ id, key, state }) => readStatus(redis, key, id, state)));
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
    await this.events?.close();
    await this.flows?.close();
    await this.queue.close();
    await this.connection.close();
  }

  private async job(id: string): Promise<AnyJob> {
    const job = (await this.queue.getJob(id)) as AnyJob | undefined;
    if (job !== undefined) return job;
    throw gone(id);
  }

  private listening<Emitter extends QueueEvents | FlowProducer>(emitter: Emitter): Emitter {
    (emitter as FlowProducer).on('error', this.onError);
    return emitter;
  }
}

/**
 * Opens the queue of caption jobs.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createCaptionQueue(options: CaptionQueueOptions = {}): Promise<CaptionQueue> {
  const { redis = DEFAULT_REDIS, onError = () => {} } = options;
  return new CaptionQueue(await connectRedis(redis, onError), onError);
}

function rowsOf(job: AnyJob): readonly CaptionRow[] {
  const { returnvalue: result } = job;
  if (result && 'results' in result) return result.results;
  const failure = readFailure(job.failedReason ?? 'the job is not over');
  const { images } = job.data as CaptionJob;
  return images.map((image: CaptionJobImage) => failedRow(imageName(image), failure));
}

function gone(id: string): LegendaError {
  return new LegendaError('JOB_NOT_FOUND', {
    received: id,
    advice: 'jobs that are over are kept for a while only',
  });
}

function digest(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex');
}

/** Stays with the job's options: a list of jobs need not read their images to count them. */
function counted({ images }: CaptionJob): object {
  return { imageCount: images.length };
}

function given({ priority, delay }: EnqueueOptions): { priority?: number; delay?: number } {
  return { ...(priority === undefined ? {} : { priority }), ...(delay === undefined ? {} : { delay }) };
}
