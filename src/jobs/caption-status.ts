import { z } from 'zod';
import type { CaptionResult } from './contract.js';
import {
  type AnyStatus,
  countFailed,
  GATHER_JOB,
  type GatherData,
  type GatherResult,
  type JobProgress,
  type JobStatus,
} from './job-status.js';
import type { RedisConnection } from './redis-connection.js';
import { parseField, readStored } from './stored-job.js';

type Redis = RedisConnection['redis'];

const progressSchema = z.object({ images: z.number(), done: z.number(), failed: z.number() });
const countedSchema = z.object({ imageCount: z.number() });

/**
 * What is known of a caption job or a long list, without its images and captions.
 * @param key the job's in Redis.
 * @param job its state as it was before.
 * @returns undefined where it is gone.
 */
export async function readCaptionStatus(
  redis: Redis,
  key: string,
  job: Pick<AnyStatus, 'id' | 'state'>,
): Promise<JobStatus | undefined> {
  const stored = await readStored(redis, key, job, ['name', 'progress', 'opts']);
  if (stored === undefined) return undefined;
  const { name, progress, opts } = stored.fields;
  return {
    queue: 'caption',
    ...stored.status,
    ...(name === GATHER_JOB
      ? await progressOfList(redis, key)
      : await progressOf(redis, key, job.state, parseField(progress), parseField(opts))),
  };
}

async function progressOfList(redis: Redis, key: string): Promise<JobProgress> {
  const [data, result] = await redis.hmGet(key, ['data', 'returnvalue']);
  const { images, shards } = parseField(data) as GatherData;
  // As BullMQ calls those that returned something, and those that failed.
  const [processed, failed] = await Promise.all([
    redis.hLen(`${key}:processed`),
    redis.hLen(`${key}:failed`),
  ]);
  const over = parseField(result) as GatherResult | undefined;
  return {
    images,
    done: Math.floor((images * (processed + failed)) / shards),
    failed: over?.failed ?? 0,
  };
}

async function progressOf(
  redis: Redis,
  key: string,
  state: string,
  progress: unknown,
  opts: unknown,
): Promise<JobProgress> {
  const told = progressSchema.safeParse(progress);
  if (told.success && (state !== 'completed' || told.data.done === told.data.images)) return told.data;
  if (state === 'completed') {
    const result = parseField(await redis.hGet(key, 'returnvalue')) as CaptionResult | undefined;
    const { results = [] } = result ?? {};
    return { images: results.length, done: results.length, failed: countFailed(results) };
  }
  const counted = countedSchema.safeParse(opts);
  return {
    images: counted.success ? counted.data.imageCount : await countImages(redis, key),
    done: 0,
    failed: 0,
  };
}

/** Of a job that was added by another program. */
async function countImages(redis: Redis, key: string): Promise<number> {
  const data = parseField(await redis.hGet(key, 'data')) as { images?: unknown } | undefined;
  return Array.isArray(data?.images) ? data.images.length : 0;
}
