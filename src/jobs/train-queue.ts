import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import { readConfiguration } from '../training/read-configuration.js';
import { DEFAULT_REDIS } from './default-redis.js';
import { given, JobQueue, type When } from './job-queue.js';
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
} from './train-contract.js';

/** A train job before it is enqueued; see docs/queue.md. */
export type TrainJobRequest = Omit<TrainJob, 'version'>;

export interface TrainJobStatus extends AnyStatus {
  /** Of the run. */
  readonly name: string;
  readonly progress?: TrainJobProgress;
  /** Where its state is `completed`. */
  readonly result?: TrainJobResult;
}

/** How the ids of train jobs begin, which tells them from those of caption jobs. */
const PREFIX = 'train-';

/** Whether an id is that of a train job, where Legenda gave it. */
export function isTrainJobId(id: string): boolean {
  return id.startsWith(PREFIX);
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
    const id = `${PREFIX}${randomUUID()}`;
    await this.queue.add(TRAIN_JOB, data, { ...given(when), jobId: id });
    return id;
  }

  protected override async read(job: Pick<AnyStatus, 'id' | 'state'>): Promise<TrainJobStatus | undefined> {
    const { redis } = this.connection;
    const stored = await readStored(redis, this.queue.toKey(job.id), job, [
      'data',
      'progress',
      'returnvalue',
    ]);
    if (stored === undefined) return undefined;
    const { data, progress, returnvalue } = stored.fields;
    const told = trainProgressSchema.safeParse(parseField(progress));
    const result = parseField(returnvalue) as TrainJobResult | null | undefined;
    return {
      ...stored.status,
      // Others may have enqueued what is no job.
      name: String((parseField(data) as Partial<TrainJob> | null)?.name ?? ''),
      ...(told.success ? { progress: told.data } : {}),
      ...(job.state === 'completed' && result ? { result } : {}),
    };
  }
}

/**
 * Opens the queue of train jobs.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createTrainQueue(redis: string = DEFAULT_REDIS): Promise<TrainQueue> {
  return new TrainQueue(await connectRedis(redis, () => {}), () => {});
}
