import type { Job, JobState } from 'bullmq';
import type { CaptionRow } from '../captioner/index.js';
import type { CaptionJob, CaptionResult } from './contract.js';
import type { JobFailure } from './job-failure.js';
import type { QueueName } from './queue-names.js';

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

/** What is known of a job of any kind. */
export interface AnyStatus {
  readonly queue: QueueName;
  readonly id: string;
  readonly state: JobState | 'unknown';
  /** ISO 8601. */
  readonly added: string;
  readonly finished?: string;
  /** Why, where its state is `failed`. */
  readonly failure?: JobFailure;
}

/** What is known of a caption job. */
export interface JobStatus extends AnyStatus, JobProgress {
  readonly queue: 'caption';
}

export function isGather(job: AnyJob): boolean {
  return job.name === GATHER_JOB;
}

export function countFailed(rows: readonly CaptionRow[]): number {
  return rows.filter((row) => 'error' in row).length;
}
