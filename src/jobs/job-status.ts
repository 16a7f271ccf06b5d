import type { Job, JobState } from 'bullmq';
import { z } from 'zod';
import type { CaptionRow } from '../captioner/index.js';
import type { CaptionJob, CaptionResult } from './contract.js';
import { type JobFailure, readFailure } from './job-failure.js';

/** The job that ends when all shards of a long list are captioned. Its result counts them; the rows stay with the shards. */
export const GATHER_JOB = 'gather';

export interface GatherData {
  readonly version: 1;
  readonly shards: number;
  readonly images: number;
  /** Images of each shard but the last. */
  readonly shard: number;
}

export interface GatherResult {
  readonly version: 1;
  readonly shards: number;
  readonly images: number;
  /** Of the images. */
  readonly failed: number;
}

export type AnyJob = Job<CaptionJob | GatherData, CaptionResult | GatherResult>;

/** How far a job is: as it stands in BullMQ as the job's progress. */
export interface JobProgress {
  readonly images: number;
  readonly done: number;
  /** Of those done. */
  readonly failed: number;
}

export interface JobStatus extends JobProgress {
  readonly id: string;
  readonly state: JobState | 'unknown';
  /** ISO 8601. */
  readonly added: string;
  readonly finished?: string;
  /** Why, where its state is `failed`. */
  readonly failure?: JobFailure;
}

const progressSchema = z.object({ images: z.number(), done: z.number(), failed: z.number() });

/** What is known of a job. @param state asked for before the job was read, so that a job that is over is read as it ended. */
export async function statusOf(job: AnyJob, state: JobStatus['state']): Promise<JobStatus> {
  return {
    id: job.id ?? '',
    state,
    ...(await progressOf(job)),
    added: new Date(job.timestamp).toISOString(),
    ...(job.finishedOn === undefined ? {} : { finished: new Date(job.finishedOn).toISOString() }),
    ...(state === 'failed' ? { failure: readFailure(job.failedReason) } : {}),
  };
}

async function progressOf(job: AnyJob): Promise<JobProgress> {
  const { data, returnvalue: result } = job;
  if (isGather(job)) {
    const { images, shards } = job.data as GatherData;
    const { processed = 0, ignored = 0 } = await job.getDependenciesCount({ processed: true, ignored: true });
    const failed = result && 'failed' in result ? result.failed : 0;
    return { images, done: Math.floor((images * (processed + ignored)) / shards), failed };
  }
  if (result !== null && result !== undefined && 'results' in result) {
    const { length } = result.results;
    return { images: length, done: length, failed: countFailed(result.results) };
  }
  const progress = progressSchema.safeParse(job.progress);
  if (progress.success) return progress.data;
  const images = 'images' in data && Array.isArray(data.images) ? data.images.length : 0;
  return { images, done: 0, failed: 0 };
}

export function isGather(job: AnyJob): boolean {
  return job.name === GATHER_JOB;
}

export function countFailed(rows: readonly CaptionRow[]): number {
  return rows.filter((row) => 'error' in row).length;
}
