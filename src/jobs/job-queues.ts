import type { JobState } from 'bullmq';
import { CaptionQueue } from './caption-queue.js';
import type { JobStatus } from './job-status.js';
import { PreprocessQueue, type PreprocessStatus } from './preprocess-queue.js';
import { QUEUES, type QueueName, queueOf } from './queue-names.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { type TrainJobStatus, TrainQueue } from './train-queue.js';

/** The queues of all kinds of jobs, on one connection. */
export class JobQueues {
  readonly caption: CaptionQueue;
  readonly train: TrainQueue;
  readonly preprocess: PreprocessQueue;

  private constructor(
    readonly connection: RedisConnection,
    onError: (error: Error) => void,
  ) {
    this.caption = new CaptionQueue(connection, onError);
    this.train = new TrainQueue(connection, onError);
    this.preprocess = new PreprocessQueue(connection, onError);
  }

  /** @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none. */
  static async open(redis: string, onError: (error: Error) => void = () => {}): Promise<JobQueues> {
    return new JobQueues(await connectRedis(redis, onError), onError);
  }

  /** The queue that a job is in. @param name needed where another program gave the job an id that does not tell. */
  of(id: string, name: QueueName = queueOf(id)): CaptionQueue | TrainQueue | PreprocessQueue {
    return this[name];
  }

  /** Jobs of some states, the latest first. @param most at most so many. @param names of these queues. */
  async list(
    states: readonly JobState[],
    most: number,
    names: readonly QueueName[] = QUEUES,
  ): Promise<(JobStatus | TrainJobStatus | PreprocessStatus)[]> {
    const found = await Promise.all(names.map((name) => this[name].list(states, most)));
    return found
      .flat()
      .sort((one, other) => Date.parse(other.added) - Date.parse(one.added))
      .slice(0, most);
  }

  async close(): Promise<void> {
    await Promise.all(QUEUES.map((name) => this[name].release()));
    await this.connection.close();
  }
}
