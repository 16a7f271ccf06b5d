import { join } from 'node:path';
import { type Job, Queue } from 'bullmq';
import type { Logger } from 'pino';
import { readDataset } from '../datasets/index.js';
import type { ErrorCode } from '../errors.js';
import { fileOf } from '../images/index.js';
import { inspectImages, prepareDataset, wordOptions, writePreparation } from '../prepare/index.js';
import { readConfiguration } from '../training/read-configuration.js';
import { guardOf, pathOf, type Roots } from './allowed-path.js';
import { wasCancelled } from './cancellation.js';
import { claimRun } from './claim-run.js';
import type { InspectionMemory } from './inspection-memory.js';
import { cancelled, JobRunner } from './job-runner.js';
import { LatestOnly } from './latest-only.js';
import { orAborted } from './or-aborted.js';
import {
  PREPROCESS_JOB,
  PREPROCESS_QUEUE,
  type PreprocessJob,
  type PreprocessResult,
  parsePreprocessJob,
  parseShardJob,
  SHARD_JOB,
  SHARD_QUEUE,
  type ShardResult,
} from './preprocess-contract.js';
import { preprocessResult } from './preprocess-result.js';
import { PreprocessShards } from './preprocess-shards.js';
import type { RedisConnection } from './redis-connection.js';
import { ShardProgress } from './shard-progress.js';

export interface PreprocessWorkerOptions {
  readonly connection: RedisConnection;
  /** The folders that jobs may read below. */
  readonly roots: Roots;
  /** The folder of what they write. */
  readonly runs: string;
  readonly memory: InspectionMemory | undefined;
  /** How long after a worker ended without a word its jobs are given to others, milliseconds. */
  readonly stalledAfter: number;
  readonly log: Logger;
}

/** Within the folder of a job's name. */
const PREPARED = 'prepared';

/** What a second try may mend: all else is of the data or the settings. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'JOB_CRASHED',
  'OUTPUT_UNWRITABLE',
  'OUT_OF_MEMORY',
]);

/** Takes preprocess jobs from the queue, and parts of them, each one at a time. */
export class PreprocessWorker {
  private readonly jobs: JobRunner;
  private readonly parts: JobRunner;
  private readonly queue: Queue;
  private readonly shards: PreprocessShards;
  private readonly progress: ShardProgress;
  /** Ends the part under way when its job is cancelled. */
  private part: { readonly of: string; readonly stop: AbortController } | undefined;

  private constructor(private readonly options: PreprocessWorkerOptions) {
    const { connection } = options;
    const both = { ...options, concurrency: 1, isFinal: (code: ErrorCode) => !PASSING.has(code) };
    this.jobs = new JobRunner({
      ...both,
      queue: PREPROCESS_QUEUE,
      handlers: new Map([[PREPROCESS_JOB, (job: Job, signal: AbortSignal) => this.preprocess(job, signal)]]),
      describe: ({ data }) => ({ name: data.name }),
      onCancel: (id) => {
        if (this.part?.of === id) this.part.stop.abort(cancelled(id));
      },
    });
    this.parts = new JobRunner({
      ...both,
      queue: SHARD_QUEUE,
      handlers: new Map([[SHARD_JOB, (job: Job, signal: AbortSignal) => this.inspect(job, signal)]]),
      describe: ({ data }) => ({ images: data.images.length }),
    });
    // That Redis is away is told by the runners.
    const quiet = () => {};
    this.queue = new Queue(PREPROCESS_QUEUE, connection.bullmq).on('error', quiet);
    this.shards = new PreprocessShards(connection, quiet);
    this.progress = new ShardProgress(connection, this.queue);
  }

  /** Begins to take jobs. */
  static async start(options: PreprocessWorkerOptions): Promise<PreprocessWorker> {
    const worker = new PreprocessWorker(options);
    await worker.jobs.start();
    await worker.parts.start();
    return worker;
  }

  /** Takes no more jobs, and ends when those under way are done. @param grace milliseconds, after which they are given back. */
  async close(grace: number): Promise<void> {
    const runners = [this.jobs, this.parts];
    await Promise.all(runners.map((runner) => runner.stopTaking()));
    const timer = setTimeout(() => {
      for (const runner of runners) runner.giveBack('the worker ends');
    }, grace);
    await Promise.all(runners.map((runner) => runner.close()));
    clearTimeout(timer);
    await this.queue.close();
    await this.shards.close();
  }

  /** Runs twice: to add the parts, and when they are over. */
  private async preprocess(job: Job, signal: AbortSignal): Promise<PreprocessResult> {
    const request = parsePreprocessJob(job.data);
    const words = wordOptions(await readConfiguration(undefined, request.set));
    const path = await pathOf(request.data, this.options.roots, 'DATASET_NOT_FOUND');
    const reading = { ...readingOf(request), guard: guardOf(this.options.roots) };
    const dataset = await orAborted(readDataset(path, reading), signal);
    // After all that may be refused, so that a job that asks for what there is not leaves no folder.
    const out = join(this.options.runs, request.name);
    await claimRun(out, { id: String(job.id), added: job.timestamp });
    const images = dataset.examples.map(({ image }) => image);
    const inspections = await this.shards.inspections(job, images, signal);
    const preparation = await prepareDataset(dataset, inspections, words, signal);
    const folder = join(out, PREPARED);
    await writePreparation(folder, preparation);
    await this.shards.forget(job);
    await this.progress.forget(String(job.id));
    return preprocessResult(folder, preparation);
  }

  private async inspect(job: Job, signal: AbortSignal): Promise<ShardResult> {
    const { connection, roots, memory } = this.options;
    const data = parseShardJob(job.data);
    const { of, images } = data;
    const stop = new AbortController();
    const progress = new LatestOnly<number>((done) => this.progress.tell(data, done));
    let done = 0;
    const inspect = () =>
      inspectImages(images, {
        signal: AbortSignal.any([signal, stop.signal]),
        onImage: () => progress.tell(++done),
      });
    this.part = { of, stop };
    try {
      if (await wasCancelled(connection, PREPROCESS_QUEUE, of)) throw cancelled(of);
      const guard = guardOf(roots);
      for (const file of new Set(images.map(fileOf))) await guard(file);
      const inspections = await (memory === undefined ? inspect() : memory.remembering(images, inspect));
      progress.tell(images.length);
      return { version: 1, inspections };
    } finally {
      await progress.end();
      this.part = undefined;
    }
  }
}

function readingOf({ format, columns, devShare, seed }: PreprocessJob): Parameters<typeof readDataset>[1] {
  const { image, captions, split } = columns ?? {};
  const given = {
    ...(image === undefined ? {} : { image }),
    ...(captions === undefined ? {} : { captions }),
    ...(split === undefined ? {} : { split }),
  };
  return {
    columns: given,
    ...(format === undefined ? {} : { format }),
    ...(devShare === undefined ? {} : { devShare }),
    ...(seed === undefined ? {} : { seed }),
  };
}
