import { type Job, Queue, WaitingChildrenError } from 'bullmq';
import { type ImageInspection, mergeInspections } from '../prepare/index.js';
import { PartFailed, readFailure } from './job-failure.js';
import { DEFAULTS } from './job-queue.js';
import {
  type PreprocessProgress,
  SHARD_JOB,
  SHARD_QUEUE,
  type ShardJob,
  shardResultSchema,
} from './preprocess-contract.js';
import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** Images of a part: few enough to spread over the workers and to do again at little cost. */
const SHARD = 500;

/** The parts of preprocess jobs: a job each, for any worker. */
export class PreprocessShards {
  private readonly queue: Queue<ShardJob>;

  constructor(
    private readonly connection: RedisConnection,
    onError: (error: Error) => void,
  ) {
    // What a part found stays with the job that it is a part of.
    const over = { removeOnComplete: true, removeOnFail: true };
    this.queue = new Queue(SHARD_QUEUE, {
      ...connection.bullmq,
      defaultJobOptions: { ...DEFAULTS, ...over },
    });
    this.queue.on('error', onError);
  }

  /**
   * What was found of a job's images. Parts that are still to be done are added, and the job is put aside until they are over, when
   * it is to ask again.
   * @throws `WaitingChildrenError`; why a part failed, and then they are done again when the job is.
   */
  async inspections(
    job: Job,
    images: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ImageInspection>> {
    for (;;) {
      await this.requireNoFailure(job);
      const done = Object.values((await untilAnswered(() => job.getChildrenValues())) ?? {});
      const found = mergeInspections(done.map((result) => shardResultSchema.parse(result).inspections));
      const left = shardsOf(String(job.id), images).filter(
        (shard) => !shard.images.every((i) => found.has(i)),
      );
      const still = left.reduce((sum, shard) => sum + shard.images.length, 0);
      const progress: PreprocessProgress = { images: images.length, done: images.length - still };
      // The next says more.
      await job.updateProgress(progress).catch(() => {});
      if (left.length === 0) return found;
      signal.throwIfAborted();
      // Those that wait already are not added again.
      const jobs = left.map((data) => ({
        name: SHARD_JOB,
        data,
        opts: {
          jobId: `${job.id}-${data.shard}`,
          parent: { id: String(job.id), queue: job.queueQualifiedName },
          ignoreDependencyOnFailure: true,
          ...(job.opts.priority === undefined ? {} : { priority: job.opts.priority }),
        },
      }));
      await untilAnswered(() => this.queue.addBulk(jobs));
      if (await job.moveToWaitingChildren(String(job.token))) throw new WaitingChildrenError();
    }
  }

  /** Removes what the parts found, which may be many megabytes. */
  async forget(job: Job): Promise<void> {
    await this.remove(`${job.queueQualifiedName}:${job.id}:processed`);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  private async remove(key: string): Promise<void> {
    await untilAnswered(() => this.connection.redis.del(key));
  }

  private async requireNoFailure(job: Job): Promise<void> {
    const lines: string[] = Object.values(await untilAnswered(() => job.getIgnoredChildrenFailures()));
    if (lines.length === 0) return;
    // As BullMQ keeps them: another try begins without.
    await this.remove(`${job.queueQualifiedName}:${job.id}:failed`);
    // Those that were cancelled were so with the job, which is tried again.
    const failure = lines.map(readFailure).find(({ code }) => code !== 'JOB_CANCELLED');
    if (failure !== undefined) throw new PartFailed(failure);
  }
}

/** The parts of a job, the same however often it runs. */
function shardsOf(of: string, images: readonly string[]): ShardJob[] {
  const shards: ShardJob[] = [];
  for (let from = 0; from < images.length; from += SHARD) {
    const some = images.slice(from, from + SHARD);
    shards.push({ version: 1, of, shard: shards.length, total: images.length, images: some });
  }
  return shards;
}
