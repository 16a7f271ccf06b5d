import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import { readConfiguration } from '../training/read-configuration.js';
import { DEFAULT_REDIS } from './default-redis.js';
import { given, JobQueue, type QueueOptions, type When } from './job-queue.js';
import type { AnyStatus } from './job-status.js';
import {
  PREPROCESS_JOB,
  PREPROCESS_QUEUE,
  type PreprocessJob,
  type PreprocessProgress,
  type PreprocessResult,
  parsePreprocessJob,
  preprocessProgressSchema,
  preprocessResultSchema,
} from './preprocess-contract.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { parseField, readStored } from './stored-job.js';

/** A preprocess job before it is enqueued; see docs/queue.md. */
export type PreprocessJobRequest = Omit<PreprocessJob, 'version'>;

/** What is known of a preprocess job; it has 0 images until its data set is read. */
export interface PreprocessStatus extends AnyStatus, PreprocessProgress {
  readonly queue: 'preprocess';
  /** Of the folder. */
  readonly name: string;
  /** Where its state is `completed`. */
  readonly result?: PreprocessResult;
}

/** The queue of preprocess jobs. */
export class PreprocessQueue extends JobQueue<Job, PreprocessStatus> {
  constructor(connection: RedisConnection, onError: (error: Error) => void) {
    super(PREPROCESS_QUEUE, connection, onError);
  }

  /** Adds a job. @returns its id. @throws `JOB_INVALID`, `CONFIGURATION_INVALID`. */
  async add(request: PreprocessJobRequest, when: When = {}): Promise<string> {
    const data = parsePreprocessJob({ version: 1, ...request });
    await readConfiguration(undefined, data.set);
    // What it begins with tells its queue.
    const id = `preprocess-${randomUUID()}`;
    await this.queue.add(PREPROCESS_JOB, data, { ...given(when), jobId: id });
    return id;
  }

  protected override async read(job: Pick<AnyStatus, 'id' | 'state'>): Promise<PreprocessStatus | undefined> {
    const { redis } = this.connection;
    const fields = ['data', 'progress', 'returnvalue'] as const;
    const stored = await readStored(redis, this.queue.toKey(job.id), job, fields);
    if (stored === undefined) return undefined;
    const data = parseField(stored.fields.data) as Partial<PreprocessJob> | null;
    const progress = preprocessProgressSchema.safeParse(parseField(stored.fields.progress));
    const result = preprocessResultSchema.safeParse(parseField(stored.fields.returnvalue));
    const { images, done } = progress.success ? progress.data : { images: 0, done: 0 };
    return {
      queue: 'preprocess',
      ...stored.status,
      // Others may have enqueued what is no job.
      name: String(data?.name ?? ''),
      images,
      // A part that was done twice may have told of it late.
      done: job.state === 'completed' ? images : done,
      ...(result.success ? { result: result.data } : {}),
    };
  }
}

/**
 * Opens the queue of preprocess jobs.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createPreprocessQueue(options: QueueOptions = {}): Promise<PreprocessQueue> {
  const { redis = DEFAULT_REDIS, onError = () => {} } = options;
  return new PreprocessQueue(await connectRedis(redis, onError), onError);
}
