import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import { readConfiguration } from '../training/read-configuration.js';
import { DEFAULT_REDIS } from './default-redis.js';
import { given, JobQueue, type QueueOptions, type When } from './job-queue.js';
import type { AnyStatus } from './job-status.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { parseField, readStored } from './stored-job.js';
import {
  parseTrainJob,
  TRAIN_JOB,
  TRAIN_QUEUE,
  type TrainJob,
  type TrainJobProgress,
  type TrainJobResult,
  trainProgressSchema,
  trainResultSchema,
} from './train-contract.js';

/** A train job before it is enqueued; see docs/queue.md. */
export type TrainJobRequest = Omit<TrainJob, 'version'>;

/** What is known of a train job. */
export interface TrainJobStatus extends AnyStatus {
  readonly queue: 'train';
  /** Of the run. */
  readonly name: string;
  readonly progress?: TrainJobProgress;
  /** Where its state is `completed`. */
  readonly result?: TrainJobResult;
}

/** The queue of train jobs. */
export class TrainQueue extends JobQueue<Job, TrainJobStatus> {
  constructor(connection: RedisConnection, onError: (error: Error) => void) {
    super(TRAIN_QUEUE, connection, onError);
  }

  /** Adds a job. @returns its id. @throws `JOB_INVALID`, `CONFIGURATION_INVALID`. */
  async add(request: TrainJobRequest, when: When = {}): Promise<string> {
    const data = parseTrainJob({ version: 1, ...request });
    await readConfiguration(data.configuration, data.set);
    // What it begins with tells its queue.
    const id = `train-${randomUUID()}`;
    await this.queue.add(TRAIN_JOB, data, { ...given(when), jobId: id });
    return id;
  }

  protected override async read(job: Pick<AnyStatus, 'id' | 'state'>): Promise<TrainJobStatus | undefined> {
    const { redis } = this.connection;
    const fields = ['data', 'progress', 'returnvalue'] as const;
    const stored = await readStored(redis, this.queue.toKey(job.id), job, fields);
    if (stored === undefined) return undefined;
    const data = parseField(stored.fields.data) as Partial<TrainJob> | null;
    const progress = trainProgressSchema.safeParse(parseField(stored.fields.progress));
    const result = trainResultSchema.safeParse(parseField(stored.fields.returnvalue));
    return {
      queue: 'train',
      ...stored.status,
      // Others may have enqueued what is no job.
      name: String(data?.name ?? ''),
      ...(progress.success ? { progress: progress.data } : {}),
      ...(result.success ? { result: result.data } : {}),
    };
  }
}

/**
 * Opens the queue of train jobs.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createTrainQueue(options: QueueOptions = {}): Promise<TrainQueue> {
  const { redis = DEFAULT_REDIS, onError = () => {} } = options;
  return new TrainQueue(await connectRedis(redis, onError), onError);
}
