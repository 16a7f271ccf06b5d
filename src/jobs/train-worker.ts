import { basename } from 'node:path';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import { type ErrorCode, LegendaError } from '../errors.js';
import { IsolatedTraining } from './isolated-training.js';
import { JobRunner } from './job-runner.js';
import { LatestOnly } from './latest-only.js';
import type { RedisConnection } from './redis-connection.js';
import {
  TRAIN_JOB,
  TRAIN_QUEUE,
  type TrainJobProgress,
  type TrainJobResult,
  trainResultSchema,
} from './train-contract.js';
import { type TrainJobSupplies, trainingRequest } from './training-request.js';

export interface TrainWorkerOptions extends TrainJobSupplies {
  readonly connection: RedisConnection;
  /** How long after a worker ended without a word its job is given to another, milliseconds. */
  readonly stalledAfter: number;
  readonly log: Logger;
}

/** What a second try may mend: all else is of the data or the settings. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'JOB_CRASHED',
  'OUTPUT_UNWRITABLE',
  'OUT_OF_MEMORY',
  'ENCODER_UNAVAILABLE',
]);

/** Takes train jobs from the queue, one at a time. */
export class TrainWorker {
  private readonly runner: JobRunner;
  private training: IsolatedTraining | undefined;

  private constructor(private readonly options: TrainWorkerOptions) {
    this.runner = new JobRunner({
      ...options,
      queue: TRAIN_QUEUE,
      concurrency: 1,
      handlers: new Map([[TRAIN_JOB, (job: Job, signal: AbortSignal) => this.train(job, signal)]]),
      isFinal: (code) => !PASSING.has(code),
      describe: ({ data }) => ({ name: data.name }),
    });
  }

  /** Begins to take jobs. */
  static async start(options: TrainWorkerOptions): Promise<TrainWorker> {
    const worker = new TrainWorker(options);
    await worker.runner.start();
    return worker;
  }

  /**
   * Takes no more jobs, and gives back the one under way when it has saved a checkpoint.
   * @param grace milliseconds, after which it is given back as it is.
   */
  async close(grace: number): Promise<void> {
    await this.runner.stopTaking();
    this.runner.giveBack('the worker ends');
    const timer = setTimeout(() => this.training?.kill(), grace);
    await this.runner.close();
    clearTimeout(timer);
  }

  private async train(job: Job, signal: AbortSignal): Promise<TrainJobResult> {
    const owner = { id: String(job.id), added: job.timestamp };
    const request = await trainingRequest(job.data, this.options, owner);
    signal.throwIfAborted();
    const progress = new LatestOnly<TrainJobProgress>((news) => job.updateProgress(news));
    const training = new IsolatedTraining();
    this.training = training;
    this.options.log.info({ job: job.id, name: basename(request.out), process: training.pid }, 'training');
    const release = this.whileHeld(() => {
      this.options.log.warn({ job: job.id }, 'training ended: another worker may have the job by now');
      this.runner.giveBack('Redis is away');
      training.kill();
    });
    try {
      const result = await training.run(request, signal, (news) => progress.tell(news));
      return requireResult(result);
    } finally {
      release();
      this.training = undefined;
      await progress.end();
    }
  }

  /** Calls `lost` when another worker may have the job, so that no two write to its folder. @returns ends it. */
  private whileHeld(lost: () => void): () => void {
    const { worker } = this.runner;
    const timer = setTimeout(lost, this.options.stalledAfter);
    const renewed = () => timer.refresh();
    worker.on('locksRenewed', renewed);
    return () => {
      clearTimeout(timer);
      worker.off('locksRenewed', renewed);
    };
  }
}

/** What leaves a worker is as the contract says, or it does not leave. */
function requireResult(result: TrainJobResult): TrainJobResult {
  const checked = trainResultSchema.safeParse(result);
  if (checked.success) return result;
  throw new LegendaError('INTERNAL', {
    received: `a result that breaks the contract: ${checked.error.message}`,
  });
}
