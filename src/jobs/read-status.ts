import type { JobState } from 'bullmq';
import { z } from 'zod';
import type { CaptionResult } from './contract.js';
import { readFailure } from './job-failure.js';
import {
  countFailed,
  GATHER_JOB,
  type GatherData,
  type GatherResult,
  type JobProgress,
  type JobStatus,
} from './job-status.js';
import type { RedisConnection } from './redis-connection.js';

type Redis = RedisConnection['redis'];

const progressSchema = z.object({ images: z.number(), done: z.number(), failed: z.number() });
const countedSchema = z.object({ imageCount: z.number() });
const FIELDS = ['name', 'timestamp', 'finishedOn', 'failedReason', 'progress', 'opts'];

/**
 * What is known of a job, without its images and captions, which may be many megabytes.
 * @param key the job's in Redis.
 * @param state asked for before the job is read, so that a job that is over is read as it ended.
 * @returns undefined where it is gone.
 */
export async function readStatus(
  redis: Redis,
  key: string,
  id: string,
  state: JobState | 'unknown',
): Promise<JobStatus | undefined> {
  const [name, timestamp, finishedOn, failedReason, progress, opts] = await redis.hmGet(key, FIELDS);
  if (typeof timestamp !== 'string') return undefined;
  return {
    id,
    state,
    ...(name === GATHER_JOB
      ? await progressOfList(redis, key)
      : await progressOf(redis, key, state, parse(progress), parse(opts))),
    added: new Date(Number(timestamp)).toISOString(),
    ...(typeof finishedOn === 'string' ? { finished: new Date(Number(finishedOn)).toISOString() } : {}),
    ...(state === 'failed' ? { failure: readFailure(failedReason ?? '') } : {}),
  };
}

async function progressOfList(redis: Redis, key: string): Promise<JobProgress> {
  const [data, result] = await redis.hmGet(key, ['data', 'returnvalue']);
  const { images, shards } = parse(data) as GatherData;
  // As BullMQ calls those that returned something, and those that failed.
  const [processed, failed] = await Promise.all([
    redis.hLen(`${key}:processed`),
    redis.hLen(`${key}:failed`),
  ]);
  const over = parse(result) as GatherResult | undefined;
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
    const result = parse(await redis.hGet(key, 'returnvalue')) as CaptionResult | undefined;
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
  const data = parse(await redis.hGet(key, 'data')) as { images?: unknown } | undefined;
  return Array.isArray(data?.images) ? data.images.length : 0;
}

function parse(json: unknown): unknown {
  return typeof json === 'string' ? JSON.parse(json) : undefined;
}
