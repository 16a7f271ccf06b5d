import { resolve } from 'node:path';
import { LegendaError } from '../errors.js';
import { type CaptionQueue, createCaptionQueue } from '../jobs/caption-queue.js';
import type { CaptionJobImage, captionJobSchema } from '../jobs/contract.js';
import { listImages } from './image-list.js';
import { interruptible } from './interruption.js';
import { requireNew, writeJobRows } from './job-rows.js';
import { type SearchFlags, searchOptions } from './search-options.js';

/** `legenda enqueue caption`'s options as commander gives them. */
export interface EnqueueFlags extends SearchFlags {
  readonly redis: string;
  readonly recursive: boolean;
  readonly output?: string;
  readonly overwrite: boolean;
  readonly model?: string;
  readonly top: number;
  readonly minConfidence?: number;
  readonly priority?: number;
  readonly delay?: number;
  readonly deduplicate: boolean;
  readonly callback?: string;
}

/** The most images that stay one job. */
const ONE_JOB = 100;

/** What an id may have, see the contract. */
const LONGEST_ID = 200;

/**
 * Does `legenda enqueue caption`.
 * @returns the exit code: 0, 1 if the job or an image failed, 130 if interrupted while it waits.
 * @throws `USAGE`, `NO_IMAGES`, `JOB_INVALID`, `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `OUTPUT_UNWRITABLE`.
 */
export async function runEnqueue(paths: readonly string[], options: EnqueueFlags): Promise<number> {
  const { output } = options;
  if (output !== undefined) await requireNew(output, options.overwrite);
  const signal = interruptible();
  const images: CaptionJobImage[] = [];
  for await (const { path } of listImages(paths, options)) {
    signal.throwIfAborted();
    images.push({ ...(path.length <= LONGEST_ID ? { id: path } : {}), path: resolve(path) });
  }
  if (images.length === 0) {
    throw new LegendaError('NO_IMAGES', {
      received: paths.join(', '),
      advice: 'add --recursive to look into sub-folders',
    });
  }
  const queue = await createCaptionQueue({ redis: options.redis });
  try {
    const id = await enqueue(queue, images, options);
    if (output !== undefined) return await writeJobRows(queue, id, { output, signal });
    process.stdout.write(`${id}\n`);
    return 0;
  } finally {
    await queue.close();
  }
}

function enqueue(queue: CaptionQueue, images: CaptionJobImage[], options: EnqueueFlags): Promise<string> {
  const { model, callback, priority, deduplicate } = options;
  const wanted = { ...searchOptions(options), top: options.top, minimumConfidence: options.minConfidence };
  const request = {
    images,
    ...(model === undefined ? {} : { model }),
    ...(callback === undefined ? {} : { callback }),
    options: jobOptions(wanted),
  };
  const when = { priority, delay: options.delay === undefined ? undefined : 1000 * options.delay };
  if (images.length <= ONE_JOB) return queue.add(request, { ...when, deduplicate });
  if (deduplicate || callback !== undefined) {
    throw new LegendaError('USAGE', {
      expected: `at most ${ONE_JOB} photos with --deduplicate or --callback`,
      received: String(images.length),
    });
  }
  return queue.addAll(request, when);
}

/** The options that say something, so that equal jobs look alike. @throws `JOB_INVALID` where the queue has no such option. */
function jobOptions(wanted: object): NonNullable<ReturnType<typeof captionJobSchema.parse>['options']> {
  const said = Object.entries(wanted).filter(
    ([name, value]) =>
      value !== undefined &&
      !(Array.isArray(value) && value.length === 0) &&
      !(name === 'anyEnding' && value === false) &&
      !(name === 'top' && value === 1),
  );
  return Object.fromEntries(said);
}
