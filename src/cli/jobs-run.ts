import type { JobState } from 'bullmq';
import { LegendaError } from '../errors.js';
import { CaptionQueue } from '../jobs/caption-queue.js';
import { JobQueues } from '../jobs/job-queues.js';
import type { JobStatus } from '../jobs/job-status.js';
import type { PreprocessStatus } from '../jobs/preprocess-queue.js';
import { QUEUES, type QueueName } from '../jobs/queue-names.js';
import { type TrainJobStatus, TrainQueue } from '../jobs/train-queue.js';
import { interruptible } from './interruption.js';
import { requireNew, writeJobRows } from './job-rows.js';
import { waitForPreparation } from './wait-for-preparation.js';
import { trainingLine, waitForTraining } from './wait-for-training.js';

interface QueueFlags {
  readonly redis: string;
  readonly queue?: QueueName;
}

/** A line a job: id, state, how far it is, when it was added, why it failed. */
export async function listJobs(
  options: QueueFlags & { readonly state: readonly JobState[]; readonly most: number },
): Promise<void> {
  const { state, most, queue } = options;
  await withQueues(options, async (queues) => {
    const names = queue === undefined ? QUEUES : [queue];
    for (const job of await queues.list(state, most, names)) print(summary(job));
  });
}

/** A job as JSON. */
export async function showJob(id: string, options: QueueFlags): Promise<void> {
  await withQueues(options, async (queues) => {
    print(JSON.stringify(await queues.of(id, options.queue).status(id), undefined, 2));
  });
}

/** @returns the exit code. */
export async function waitForJob(
  id: string,
  options: QueueFlags & { readonly output?: string; readonly overwrite: boolean },
): Promise<number> {
  const { output, overwrite } = options;
  return withQueues(options, async (queues) => {
    const queue = queues.of(id, options.queue);
    if (queue instanceof CaptionQueue) {
      if (output !== undefined) await requireNew(output, overwrite);
      return writeJobRows(queue, id, { output, signal: interruptible() });
    }
    if (output !== undefined) {
      throw new LegendaError('USAGE', { expected: '--output for a caption job only', received: output });
    }
    const signal = interruptible();
    if (queue instanceof TrainQueue) return waitForTraining(queue, id, signal);
    return waitForPreparation(queue, id, signal);
  });
}

export async function retryJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  await withQueues(options, async (queues) => {
    for (const id of ids) await queues.of(id, options.queue).retry(id);
  });
}

/** A line a job: its id and what becomes of it. */
export async function cancelJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  await withQueues(options, async (queues) => {
    for (const id of ids) print(`${id}\t${await queues.of(id, options.queue).cancel(id)}`);
  });
}

type OneQueueFlags = QueueFlags & Required<Pick<QueueFlags, 'queue'>>;

export async function pauseJobs(options: OneQueueFlags): Promise<void> {
  await withQueues(options, (queues) => queues[options.queue].pause());
}

export async function resumeJobs(options: OneQueueFlags): Promise<void> {
  await withQueues(options, (queues) => queues[options.queue].resume());
}

export async function drainJobs(options: OneQueueFlags): Promise<void> {
  await withQueues(options, (queues) => queues[options.queue].drain());
}

async function withQueues<T>({ redis }: QueueFlags, use: (queues: JobQueues) => Promise<T>): Promise<T> {
  const queues = await JobQueues.open(redis);
  try {
    return await use(queues);
  } finally {
    await queues.close();
  }
}

function summary(job: JobStatus | TrainJobStatus | PreprocessStatus): string {
  const { id, state, added, failure } = job;
  return [id, state, howFar(job), added, ...(failure === undefined ? [] : [failure.message])].join('\t');
}

/** Of a run, also its name. */
function howFar(job: JobStatus | TrainJobStatus | PreprocessStatus): string {
  if (job.queue === 'train') return `${job.name} ${trainingLine(job)}`.trimEnd();
  const images = `${job.done}/${job.images}`;
  return job.queue === 'caption' ? images : `${job.name} ${images}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
