import { createHash, randomUUID } from 'node:crypto';
import { FlowProducer } from 'bullmq';
import { type CaptionRow, failedRow } from '../captioner/index.js';
import { readCaptionStatus } from './caption-status.js';
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
import { DEFAULTS, given, gone, JobQueue, type QueueOptions, type When } from './job-queue.js';
import {
  type AnyJob,
  type AnyStatus,
  GATHER_JOB,
  type GatherData,
  isGather,
  type JobStatus,
} from './job-status.js';
import { KEPT } from './kept.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';

/** A caption job before it is enqueued; see docs/queue.md. */
export type CaptionJobRequest = Omit<CaptionJob, 'version'>;

export interface EnqueueOptions extends When {
  /** Where a job with the same images, model, options and callback waits or runs, gives that one's id and adds none. @defaultValue false */
  readonly deduplicate?: boolean | undefined;
}

/** Images of a shard: few enough to spread over the workers and to do again at little cost, enough to fill batches. */
const SHARD = 100;

/** The queue of caption jobs. Made by `createCaptionQueue`. */
export class CaptionQueue extends JobQueue<AnyJob, JobStatus> {
  private flows: FlowProducer | undefined;

  constructor(connection: RedisConnection, onError: (error: Error) => void) {
    super(CAPTION_QUEUE, connection, onError);
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
    this.flows ??= new FlowProducer(this.connection.bullmq).on('error', this.onError);
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

  override async release(): Promise<void> {
    await this.flows?.close();
    await super.release();
  }

  protected override read(job: Pick<AnyStatus, 'id' | 'state'>): Promise<JobStatus | undefined> {
    return readCaptionStatus(this.connection.redis, this.queue.toKey(job.id), job);
  }

  protected override partsOf(job: AnyJob): readonly string[] {
    // Of a long list, those that are over too: it costs less to tell them than to ask which are.
    const shards = isGather(job) ? (job.data as GatherData).shards : 0;
    return Array.from({ length: shards }, (_, shard) => shardId(String(job.id), shard));
  }
}

/**
 * Opens the queue of caption jobs.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createCaptionQueue(options: QueueOptions = {}): Promise<CaptionQueue> {
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

function digest(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex');
}

/** Stays with the job's options: a list of jobs need not read their images to count them. */
function counted({ images }: CaptionJob): object {
  return { imageCount: images.length };
}
