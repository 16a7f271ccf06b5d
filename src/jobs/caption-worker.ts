import { availableParallelism } from 'node:os';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import { type ErrorCode, LegendaError } from '../errors.js';
import type { Callbacks } from './callbacks.js';
import { CAPTION_JOB, CAPTION_QUEUE, type CaptionResult } from './contract.js';
import { gather } from './gather.js';
import { Intake } from './intake.js';
import { type Handler, JobRunner } from './job-runner.js';
import { GATHER_JOB, type JobProgress } from './job-status.js';
import { LatestOnly } from './latest-only.js';
import { type CaptionJobSupplies, processCaptionJob } from './process-caption-job.js';
import type { RedisConnection } from './redis-connection.js';

export interface CaptionWorkerOptions extends CaptionJobSupplies {
  readonly connection: RedisConnection;
  /** Jobs under way at once. */
  readonly concurrency: number;
  /** How long after a worker ended without a word its jobs are given to others, milliseconds. */
  readonly stalledAfter: number;
  readonly log: Logger;
  /** Sends results to the addresses that jobs name; without, such jobs are refused. */
  readonly callbacks: Callbacks | undefined;
}

/** Further jobs are taken while fewer images are left: what keeps all cores busy until the next job is there. */
const MOST_IMAGES = Math.max(128, 24 * availableParallelism());

/** What a second try cannot mend. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'JOB_INVALID',
  'MODEL_UNKNOWN',
  'CONFIGURATION_INVALID',
  'JOB_CANCELLED',
  'JOB_CRASHED',
]);

/** Takes caption jobs from the queue. */
export class CaptionWorker {
  private readonly runner: JobRunner;
  private readonly intake: Intake;

  private constructor(private readonly options: CaptionWorkerOptions) {
    this.runner = new JobRunner({
      ...options,
      queue: CAPTION_QUEUE,
      handlers: new Map<string, Handler>([
        [CAPTION_JOB, (job, signal) => this.caption(job, signal)],
        [GATHER_JOB, (job) => gather(job, options.connection)],
      ]),
      isFinal: (code) => FINAL.has(code),
      describe: (job) => ({ images: imagesOf(job) }),
      onOver: (id) => this.intake.over(id),
    });
    const { worker } = this.runner;
    this.intake = new Intake(worker, MOST_IMAGES);
    worker.on('active', (job) => this.intake.took(String(job.id), imagesOf(job)));
    worker.on('failed', (job) => {
      if (job === undefined) return;
      this.intake.over(String(job.id));
      // Not when it is to be tried again.
      if (job.finishedOn !== undefined) void this.callBack(job);
    });
  }

  /** Begins to take jobs. */
  static async start(options: CaptionWorkerOptions): Promise<CaptionWorker> {
    const worker = new CaptionWorker(options);
    await worker.runner.start();
    return worker;
  }

  /** Takes no more jobs, and ends when those under way are done. @param grace milliseconds, after which they are given back. */
  async close(grace: number): Promise<void> {
    this.intake.close();
    await this.runner.stopTaking();
    const timer = setTimeout(() => this.runner.giveBack('the worker ends'), grace);
    await this.runner.close();
    clearTimeout(timer);
  }

  private async caption(job: Job, signal: AbortSignal): Promise<CaptionResult> {
    this.requireCallbacks(job);
    const id = String(job.id);
    const progress = new LatestOnly<JobProgress>((value) => job.updateProgress({ ...value }));
    let done = 0;
    let failed = 0;
    const result = await processCaptionJob(job.data, this.options, {
      suspect: job.stalledCounter > 0,
      signal,
      onRow: (row) => {
        done++;
        if ('error' in row) failed++;
        this.intake.made(id);
        progress.tell({ images: imagesOf(job), done, failed });
      },
    });
    await progress.end();
    await this.callBack(job);
    return result;
  }

  private requireCallbacks({ data }: Job): void {
    if (callbackOf(data) === undefined || this.options.callbacks !== undefined) return;
    throw new LegendaError('JOB_INVALID', {
      expected: 'no callback',
      received: 'one, and the worker has no secret to sign it with',
      advice: 'start workers with LEGENDA_WEBHOOK_SECRET',
    });
  }

  /** Has the job's outcome sent to where it asks for, when it is over. */
  private async callBack({ id, data, processedOn = 0 }: Job): Promise<void> {
    const url = callbackOf(data);
    if (url === undefined) return;
    const lost = (error: Error) => this.runner.lost(error);
    await this.options.callbacks?.add(String(id), processedOn, url).catch(lost);
  }
}

function callbackOf(data: unknown): string | undefined {
  const { callback } = (data ?? {}) as { callback?: unknown };
  return typeof callback === 'string' && URL.canParse(callback) ? callback : undefined;
}

function imagesOf({ data }: Job): number {
  return Array.isArray(data?.images) ? data.images.length : 0;
}
