import type { JobState } from 'bullmq';
import { type CaptionQueue, createCaptionQueue } from '../jobs/caption-queue.js';
import type { JobStatus } from '../jobs/job-status.js';
import { interruptible } from './interruption.js';
import { requireNew, writeJobRows } from './job-rows.js';

interface QueueFlags {
  readonly redis: string;
}

/** A line a job: id, state, images done of all, when it was added, why it failed. */
export async function listJobs(
  options: QueueFlags & { readonly state: readonly JobState[]; readonly most: number },
): Promise<void> {
  await withQueue(options, async (queue) => {
    for (const job of await queue.list(options.state, options.most)) print(summary(job));
  });
}

/** A job as JSON. */
export async function showJob(id: string, options: QueueFlags): Promise<void> {
  await withQueue(options, async (queue) => print(JSON.stringify(await queue.status(id), undefined, 2)));
}

/** @returns the exit code. */
export async function waitForJob(
  id: string,
  options: QueueFlags & { readonly output?: string; readonly overwrite: boolean },
): Promise<number> {
  const { output } = options;
  if (output !== undefined) await requireNew(output, options.overwrite);
  return withQueue(options, (queue) => writeJobRows(queue, id, { output, signal: interruptible() }));
}

export async function retryJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  await withQueue(options, async (queue) => {
    for (const id of ids) await queue.retry(id);
  });
}

/** A line a job: its id and what becomes of it. */
export async function cancelJobs(ids: readonly string[], options: QueueFlags): Promise<void> {
  await withQueue(options, async (queue) => {
    for (const id of ids) print(`${id}\t${await queue.cancel(id)}`);
  });
}

export async function pauseJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, (queue) => queue.pause());
}

export async function resumeJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, (queue) => queue.resume());
}

export async function drainJobs(options: QueueFlags): Promise<void> {
  await withQueue(options, (queue) => queue.drain());
}

async function withQueue<T>({ redis }: QueueFlags, use: (queue: CaptionQueue) => Promise<T>): Promise<T> {
  const queue = await createCaptionQueue({ redis });
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

function summary({ id, state, done, images, added, failure }: JobStatus): string {
  return [id, state, `${done}/${images}`, added, ...(failure === undefined ? [] : [failure.message])].join(
    '\t',
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
