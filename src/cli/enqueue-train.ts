import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createTrainQueue } from '../jobs/train-queue.js';
import { readOverrides } from '../training/read-configuration.js';

/** `legenda enqueue train`'s options as commander gives them. */
export interface EnqueueTrainFlags {
  readonly redis: string;
  readonly name: string;
  readonly data: readonly string[];
  readonly text: readonly string[];
  readonly init?: string;
  readonly set: readonly string[];
  readonly priority?: number;
  readonly delay?: number;
}

/**
 * Does `legenda enqueue train`: prints the job's id.
 * @throws `FILE_UNREADABLE`, `CONFIGURATION_INVALID`, `JOB_INVALID`, `REDIS_UNAVAILABLE`, `REDIS_UNFIT`.
 */
export async function runEnqueueTrain(config: string | undefined, options: EnqueueTrainFlags): Promise<void> {
  const { redis, name, data, text, init, set, priority, delay } = options;
  const configuration = config === undefined ? undefined : await readOverrides(config);
  const queue = await createTrainQueue({ redis });
  try {
    const id = await queue.add(
      {
        name,
        data: data.map((path) => resolve(path)),
        ...(text.length === 0 ? {} : { text: text.map((path) => resolve(path)) }),
        ...(configuration === undefined ? {} : { configuration }),
        ...(set.length === 0 ? {} : { set: [...set] }),
        // What is no folder here is a name.
        ...(init === undefined ? {} : { init: existsSync(init) ? resolve(init) : init }),
      },
      { priority, delay: delay === undefined ? undefined : 1000 * delay },
    );
    process.stdout.write(`${id}\n`);
  } finally {
    await queue.close();
  }
}
