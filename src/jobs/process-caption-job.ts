import type { CaptionRow } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import { type CaptionJob, type CaptionResult, captionResultSchema, parseCaptionJob } from './contract.js';
import type { ImageSources } from './image-sources.js';
import type { OneAtATime } from './one-at-a-time.js';
import type { RowMemory } from './row-memory.js';
import type { SharedBatches } from './shared-batches.js';

/** A model of a worker. */
export interface WorkerModel {
  readonly name: string;
  /** Tells it from others of the same name. */
  readonly digest: string;
  readonly batches: SharedBatches;
  /** The same model in a process of its own, for jobs that may have ended a worker. */
  readonly isolated: SharedBatches;
}

export interface CaptionJobSupplies {
  /** By name; the first is that of jobs that name none. */
  readonly models: ReadonlyMap<string, WorkerModel>;
  readonly sources: ImageSources;
  readonly memory: RowMemory | undefined;
  readonly suspects: OneAtATime;
}

export interface CaptionJobRun {
  /** Whether it was under way when a worker ended. */
  readonly suspect: boolean;
  readonly signal: AbortSignal;
  readonly onRow: (row: CaptionRow) => void;
}

/**
 * Captions the images of a job.
 * @param data as it came.
 * @throws `JOB_INVALID`, `MODEL_UNKNOWN`, `CONFIGURATION_INVALID`, `JOB_CRASHED`; the signal's reason.
 */
export async function processCaptionJob(
  data: unknown,
  { models, sources, memory, suspects }: CaptionJobSupplies,
  { suspect, signal, onRow }: CaptionJobRun,
): Promise<CaptionResult> {
  const job = parseCaptionJob(data);
  const model = modelOf(job, models);
  const { options = {} } = job;
  const images = job.images.map((image) => {
    const batchImage = sources.image(image);
    return memory === undefined ? batchImage : memory.remembering(batchImage, model.digest, options);
  });
  const request = { options, signal, onRow };
  // One at a time, so that none shares the process with the one that ends it.
  const results = suspect
    ? await suspects.run(() => model.isolated.caption(images, request))
    : await model.batches.caption(images, request);
  return requireResult({ version: 1, results });
}

function modelOf({ model }: CaptionJob, models: ReadonlyMap<string, WorkerModel>): WorkerModel {
  const [first] = models.values();
  const found = model === undefined ? first : models.get(model);
  if (found !== undefined) return found;
  throw new LegendaError('MODEL_UNKNOWN', {
    expected: [...models.keys()].join(' or '),
    received: String(model),
    advice: 'start a worker with it: --model',
  });
}

/** What leaves a worker is as the contract says, or it does not leave. */
function requireResult(result: CaptionResult): CaptionResult {
  const checked = captionResultSchema.safeParse(result);
  if (checked.success) return result;
  throw new LegendaError('INTERNAL', {
    received: `a result that breaks the contract: ${checked.error.message}`,
  });
}
