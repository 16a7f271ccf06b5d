import type { Job } from 'bullmq';
import { CAPTION_QUEUE, type CaptionResult } from './contract.js';
import { countFailed, type GatherData, type GatherResult } from './job-status.js';
import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** The id of a shard's job. */
export function shardId(id: string, shard: number): string {
  return `${id}-${shard}`;
}

/**
 * What a shard gave, as BullMQ keeps it beside the list's own job: the shard itself may be removed before the others are done.
 * @param keyOf the key of a job in Redis, by its id.
 */
export async function shardResult(
  { redis }: RedisConnection,
  keyOf: (id: string) => string,
  id: string,
  shard: number,
): Promise<CaptionResult | undefined> {
  const result = await untilAnswered(() => redis.hGet(`${keyOf(id)}:processed`, keyOf(shardId(id, shard))));
  return typeof result === 'string' ? (JSON.parse(result) as CaptionResult) : undefined;
}

/** How many images a shard has. */
export function imagesOfShard({ images, shard: size }: GatherData, shard: number): number {
  return Math.min(size, images - shard * size);
}

/** Counts what became of a long list whose shards are all over. */
export async function gather(job: Job, connection: RedisConnection): Promise<GatherResult> {
  const data = job.data as GatherData;
  const { shards, images } = data;
  const keyOf = (id: string) => `${job.prefix}:${CAPTION_QUEUE}:${id}`;
  let failed = 0;
  for (let shard = 0; shard < shards; shard++) {
    const result = await shardResult(connection, keyOf, String(job.id), shard);
    failed += result === undefined ? imagesOfShard(data, shard) : countFailed(result.results);
  }
  return { version: 1, shards, images, failed };
}
