import { availableParallelism } from 'node:os';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { asLegendaError, type ErrorCode, LegendaError } from '../errors.js';
import type { Callbacks } from './callbacks.js';
import { onCancel, wasCancelled } from './cancellation.js';
import { CAPTION_JOB, CAPTION_QUEUE, type CaptionResult } from './contract.js';
import { gather } from './gather.js';
import { Intake } from './intake.js';
import { failureLine } from './job-failure.js';
import { GATHER_JOB, type JobProgress } from './job-status.js';
import { KEPT } from './kept.js';
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

/** How often a job may be under way when a worker ends, for no fault of its own perhaps, before it is given up. */
const MOST_STALLED = 10;

/** What a second try cannot mend. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'JOB_INVALID',
  'MODEL_UNKNOWN',
  'CONFIGURATION_INVALID',
  'JOB_CANCELLED',
  'JOB_CRASHED',
]);

/** Why a job is given up: the worker ends, another is to do it. */
const RETURNED = new Error('the worker ends');

type Handler = (job: Job, signal: AbortSignal) => Promise<unknown>;

/** Takes caption jobs from the queue. */
export class CaptionWorker {
  private readonly worker: Worker;
  private readonly intake: Intake;
  private readonly active = new Map<string, AbortController>();
  private stopListening: () => void = () => {};
  private unreachable = false;

  private readonly handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    [CAPTION_JOB, (job, signal) => this.caption(job, signal)],
    [GATHER_JOB, (job) => gather(job, this.options.connection)],
  ]);

  private constructor(private readonly options: CaptionWorkerOptions) {
    const { connection, concurrency, stalledAfter } = options;
    this.worker = new Worker(CAPTION_QUEUE, (job, token) => this.process(job, token), {
      ...connection.bullmq,
      autorun: false,
      concurrency,
      lockDuration: stalledAfter,
      stalledInterval: stalledAfter,
      maxStalledCount: MOST_STALLED,
      // How soon a result is tried again to be handed in after the connection was lost; and an idle worker looks.
      runRetryDelay: 1000,
      ...KEPT,
    });
    this.intake = new Intake(this.worker, MOST_IMAGES);
    this.worker.on('active', (job) => this.intake.took(String(job.id), imagesOf(job)));
    this.worker.on('failed', (job, error) => {
      if (job !== undefined) {
        this.intake.over(String(job.id));
        // Not when it is to be tried again.
        if (job.finishedOn !== undefined) void this.callBack(job);
      }
      options.log.warn({ job: job?.id, attempt: job?.attemptsMade, error: error.message }, 'job failed');
    });
    this.worker.on('stalled', (id) => options.log.warn({ job: id }, 'job of a worker that ended taken back'));
    this.worker.on('error', (error) => this.lost(error));
    this.worker.on('ready', () => this.found());
    connection.redis.on('ready', () => this.found());
  }

  /** Begins to take jobs. */
  static async start(options: CaptionWorkerOptions): Promise<CaptionWorker> {
    const worker = new CaptionWorker(options);
    const cancel = (id: string) => worker.active.get(id)?.abort(cancelled(id));
    worker.stopListening = await onCancel(options.connection, cancel, (error) => worker.lost(error));
    await worker.worker.waitUntilReady();
    void worker.worker.run().catch((error: Error) => worker.lost(error));
    return worker;
  }

  /** Takes no more jobs, and ends when those under way are done. @param grace milliseconds, after which they are given back. */
  async close(grace: number): Promise<void> {
    this.intake.close();
    await this.worker.pause(true);
    const timer = setTimeout(() => {
      for (const controller of this.active.values()) controller.abort(RETURNED);
    }, grace);
    await this.worker.close();
    clearTimeout(timer);
    this.stopListening();
  }

  private async process(job: Job, token: string | undefined): Promise<unknown> {
    const id = String(job.id);
    const controller = new AbortController();
    this.active.set(id, controller);
    const began = performance.now();
    try {
      const handle = this.handlers.get(job.name);
      if (handle === undefined) throw unknownJob(job.name, [...this.handlers.keys()]);
      if (await wasCancelled(this.options.connection, id)) throw cancelled(id);
      const result = await handle(job, controller.signal);
      this.options.log.info(
        { job: id, images: imagesOf(job), ms: Math.round(performance.now() - began) },
        'job done',
      );
      return result;
    } catch (error) {
      if (error === RETURNED) {
        await job.moveToWait(token);
        this.options.log.info({ job: id }, 'job given back');
        throw new WaitingError();
      }
      const known = asLegendaError(error);
      const line = failureLine(known);
      throw FINAL.has(known.code) ? new UnrecoverableError(line) : new Error(line, { cause: error });
    } finally {
      this.active.delete(id);
      this.intake.over(id);
    }
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
    await this.options.callbacks?.add(String(id), processedOn, url).catch((error: Error) => this.lost(error));
  }

  /** Says once that Redis is away, not each time that it still is. */
  private lost(error: Error): void {
    if (this.unreachable) return;
    this.unreachable = !this.options.connection.redis.isReady;
    this.options.log.error(
      { error: error.message },
      this.unreachable ? 'Redis is away: waiting for it' : 'error',
    );
  }

  private found(): void {
    if (this.unreachable) this.options.log.info('Redis is back');
    this.unreachable = false;
  }
}

function callbackOf(data: unknown): string | undefined {
  const { callback } = (data ?? {}) as { callback?: unknown };
  return typeof callback === 'string' && URL.canParse(callback) ? callback : undefined;
}

function imagesOf({ data }: Job): number {
  return Array.isArray(data?.images) ? data.images.length : 0;
}

function cancelled(id: string): LegendaError {
  return new LegendaError('JOB_CANCELLED', { received: id });
}

function unknownJob(name: string, known: readonly string[]): LegendaError {
  return new LegendaError('JOB_INVALID', { expected: `a job named ${known.join(' or ')}`, received: name });
}
