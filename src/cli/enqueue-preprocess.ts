import { resolve } from 'node:path';
import { createPreprocessQueue } from '../jobs/preprocess-queue.js';
import type { DatasetFlags } from './dataset-options.js';
import { interruptible } from './interruption.js';
import { waitForPreparation } from './wait-for-preparation.js';

/** `legenda enqueue preprocess`'s options as commander gives them. */
export interface EnqueuePreprocessFlags extends DatasetFlags {
  readonly redis: string;
  readonly out: string;
  readonly dev?: number;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly wait: boolean;
  readonly priority?: number;
  readonly delay?: number;
}

/**
 * Does `legenda enqueue preprocess`: prints the job's id, or waits and prints the folder.
 * @returns the exit code: 1 if the job failed, 130 if interrupted while it waits.
 * @throws `CONFIGURATION_INVALID`, `JOB_INVALID`, `REDIS_UNAVAILABLE`, `REDIS_UNFIT`.
 */
export async function runEnqueuePreprocess(path: string, options: EnqueuePreprocessFlags): Promise<number> {
  const { redis, out, format, columns, dev, seed, set, wait, priority, delay } = options;
  const { captions, ...others } = columns ?? {};
  const queue = await createPreprocessQueue({ redis });
  try {
    const id = await queue.add(
      {
        data: resolve(path),
        name: out,
        ...(format === undefined ? {} : { format }),
        ...(columns === undefined
          ? {}
          : { columns: { ...others, ...(captions === undefined ? {} : { captions: [...captions] }) } }),
        ...(dev === undefined ? {} : { devShare: dev }),
        ...(seed === undefined ? {} : { seed }),
        ...(set.length === 0 ? {} : { set: [...set] }),
      },
      { priority, delay: delay === undefined ? undefined : 1000 * delay },
    );
    if (wait) return await waitForPreparation(queue, id, interruptible());
    process.stdout.write(`${id}\n`);
    return 0;
  } finally {
    await queue.close();
  }
}
