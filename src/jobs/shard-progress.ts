import type { Queue } from 'bullmq';
import type { PreprocessProgress, ShardJob } from './preprocess-contract.js';
import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** Longer than a part takes. */
const KEPT_SECONDS = 24 * 3600;
const keyOf = (id: string) => `legenda:inspected:${id}`;

/** Adds up how many images the parts of a preprocess job have looked at; a part that is done twice counts once. */
export class ShardProgress {
  /** @param queue of the preprocess jobs. */
  constructor(
    private readonly connection: RedisConnection,
    private readonly queue: Queue,
  ) {}

  /** Tells the job of a part how far it is, itself and all. @param done images of the part. */
  async tell({ of, shard, total }: ShardJob, done: number): Promise<void> {
    const { redis } = this.connection;
    await redis.hSet(keyOf(of), `${shard}`, done);
    await redis.expire(keyOf(of), KEPT_SECONDS);
    const parts = await redis.hVals(keyOf(of));
    const all = parts.reduce((sum, part) => sum + Number(part), 0);
    const job = await this.queue.getJob(of);
    await job?.updateProgress({ images: total, done: Math.min(all, total) } satisfies PreprocessProgress);
  }

  /** The job is over. */
  async forget(id: string): Promise<void> {
    await untilAnswered(() => this.connection.redis.del(keyOf(id)));
  }
}
