import type { JobState } from 'bullmq';
import { LegendaError } from '../errors.js';
import { type CaptionQueue, createCaptionQueue } from '../jobs/caption-queue.js';
import type { JobStatus } from '../jobs/job-status.js';
import { createTrainQueue, isTrainJobId, type TrainJobStatus, TrainQueue } from '../jobs/train-queue.js';
import { interruptible } from './interruption.js';
import { requireNew, writeJobRows } from './job-rows.js';
import { trainingLine, waitForTraining } from './wait-for-training.js';

interface QueueFlags {
  readonly redis: string;
  readonly queue?: 'caption' | 'train';
}

/** A line a job: id, state, how far it is, when it was added, why it failed. */
export async function listJobs(
  options: QueueFlags & { readonly state: readonly JobState[]; readonly most: number },
): Promise<void> {
  const { state, most } = options;
  await withQueue(options, undefined, async (queue) => {
    for (const job of await queue.list(state, most)) print(summary(job));
  });
}

/** A job as JSON. */
export async function showJob(id: string, options: QueueFlags): Promise<void> {
  await withQueue(options, id, async (queue) => print(JSON.stringify(await queue.status(id), undefined, 2)));
}

/** @returns the exit code. */
export async function waitForJob(
  id: string,
  options: QueueFlags & { readonly output?: string; readonly overwrite: boolean },
): Promise<number> {
  const { output } = options;
  return withQueue(options, id, async (queue) => {
    if (queue instanceof TrainQueue) {
      if (output === undefined) return waitForTraining(queue, id, interruptible());
      throw new LegendaError('USAGE', { expected: 'no --output for a train job', received: output });
    }
    if (output !== undefined) await requireNew(output, options.overwrite);
    return writeJobRows(queue, id, { output, signal: interruptible() });
  });
}

export async function retryJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  for (const id of ids) await withQueue(options, id, (queue) => queue.retry(id));
}

/** A line a job: its id and what becomes of it. */
export async function cancelJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  for (const id of ids) {
    await withQueue(options, id, async (queue) => print(`${id}\t${await queue.cancel(id)}`));
  }
}

export async function pauseJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, undefined, (queue) => queue.pause());
}

export async function resumeJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, undefined, (queue) => queue.resume());
}

export async function drainJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, undefined, (queue) => queue.drain());
}

/** @param id tells the queue where the options do not. */
async function withQueue<T>(
  { redis, queue: named }: QueueFlags,
  id: string | undefined,
  use: (queue: CaptionQueue | TrainQueue) => Promise<T>,
): Promise<T> {
  const isTrain = named === undefined ? isTrainJobId(id ?? '') : named === 'train';
  const queue = isTrain ? await createTrainQueue(redis) : await createCaptionQueue({ redis });
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

function summary(job: JobStatus | TrainJobStatus): string {
  const far = 'images' in job ? `${job.done}/${job.images}` : `${job.name} ${trainingLine(job)}`.trimEnd();
  const { id, state, added, failure } = job;
  return [id, state, far, added, ...(failure === undefined ? [] : [failure.message])].join('\t');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
