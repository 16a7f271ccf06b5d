import type { Job } from 'bullmq';
import { CAPTION_QUEUE, type CaptionResult } from './contract.js';
import { countFailed, type GatherData, type GatherResult } from './job-status.js';
import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** The id of a shard's job. */
export function shardId(id: string, shard: number): string {
  return `${id}-${shard}`;
}

/** Counts what became of a long list whose shards are all over. */
export async function gather(job: Job, { redis }: RedisConnection): Promise<GatherResult> {
  const { shards, images, shard: size } = job.data as GatherData;
  let failed = 0;
  for (let shard = 0; shard < shards; shard++) {
    const key = `${job.prefix}:${CAPTION_QUEUE}:${shardId(String(job.id), shard)}`;
    const result = await untilAnswered(() => redis.hGet(key, 'returnvalue'));
    failed +=
      typeof result === 'string'
        ? countFailed((JSON.parse(result) as CaptionResult).results)
        : Math.min(size, images - shard * size);
  }
  return { version: 1, shards, images, failed };
}
