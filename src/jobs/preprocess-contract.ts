import { z } from 'zod';
import { type ErrorCode, errorCodes, LegendaError } from '../errors.js';
import type { ImageInspection } from '../prepare/index.js';
import { checkedData } from './contract.js';
import { runName } from './train-contract.js';

/** Where preprocess jobs wait, and what they are called there. */
export const PREPROCESS_QUEUE = 'legenda-preprocess';
export const PREPROCESS_JOB = 'preprocess';

const name = z.string().min(1).max(1000);
const count = z.int().min(0);

/** What waits in the queue: data of the job `preprocess`. */
export const preprocessJobSchema = z
  .strictObject({
    version: z.literal(1),
    data: z
      .string()
      .min(1)
      .max(4096)
      .describe('A data set: a file or folder below a folder that the worker allows (--root)'),
    format: name.optional().describe('Format of the data; recognised by itself'),
    columns: z
      .strictObject({ image: name, captions: z.array(name).min(1).max(100), split: name })
      .partial()
      .optional()
      .describe('Columns of a table; known by their common names'),
    devShare: z
      .number()
      .min(0.001)
      .max(0.45)
      .optional()
      .describe('Share of pictures for dev, and as many for test, where the data has none; 0.05'),
    seed: count.optional().describe('Decides which pictures these are; 0'),
    set: z
      .array(z.string().min(1).max(1000))
      .max(200)
      .optional()
      .describe('Settings of the training that it is for, such as language=pt'),
    name: runName,
  })
  .meta({ title: `Data of the job "${PREPROCESS_JOB}" in the queue "${PREPROCESS_QUEUE}"` });

export type PreprocessJob = z.infer<typeof preprocessJobSchema>;

/** What a finished job returns. */
export const preprocessResultSchema = z
  .strictObject({
    version: z.literal(1),
    folder: z.string().describe('What legenda prepare writes, as the worker names it'),
    images: count.describe('That can be learnt from'),
    captions: count.describe('Of these images'),
    splits: z.record(z.string(), count).describe('Images by split'),
    dropped: z.record(z.string(), count).describe('What was left out, by reason'),
    nearDuplicates: count.describe('Pairs of photos that look the same in two splits'),
  })
  .meta({ title: `Return value of the job "${PREPROCESS_JOB}"` });

export type PreprocessResult = z.infer<typeof preprocessResultSchema>;

/** How far a preprocess job is: as it stands in BullMQ as the job's progress. */
export const preprocessProgressSchema = z
  .strictObject({
    images: count.describe('Of the data set'),
    done: count.describe('Looked at'),
  })
  .meta({ title: `Progress of the job "${PREPROCESS_JOB}"` });

export type PreprocessProgress = z.infer<typeof preprocessProgressSchema>;

/** Where the parts of preprocess jobs wait: workers add them for workers, others need not know them. */
export const SHARD_QUEUE = 'legenda-preprocess-shards';
export const SHARD_JOB = 'inspect';

export const shardJobSchema = z.strictObject({
  version: z.literal(1),
  /** The job that it is a part of. */
  of: z.string().min(1),
  /** Which part. */
  shard: count,
  /** Images of all parts. */
  total: count,
  /** Paths. */
  images: z.array(z.string().min(1)).min(1),
});

export type ShardJob = z.infer<typeof shardJobSchema>;

const inspectionSchema = z.union([
  z.strictObject({
    image: z.string(),
    bytes: count,
    sha256: z.string(),
    width: count,
    height: count,
    looks: z.string(),
  }),
  z.strictObject({
    image: z.string(),
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
  }),
]) satisfies z.ZodType<ImageInspection>;

export const shardResultSchema = z.strictObject({
  version: z.literal(1),
  inspections: z.array(inspectionSchema).readonly(),
});

export type ShardResult = z.infer<typeof shardResultSchema>;

/**
 * The data of a preprocess job, checked; the settings are not.
 * @throws `JOB_INVALID` for an unknown version, an unknown field or a value out of its range: no retry can mend it.
 */
export function parsePreprocessJob(data: unknown): PreprocessJob {
  return checkedData(preprocessJobSchema, data, PREPROCESS_JOB);
}

/** The data of a part of a preprocess job, checked. @throws `JOB_INVALID`. */
export function parseShardJob(data: unknown): ShardJob {
  const parsed = shardJobSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new LegendaError('JOB_INVALID', {
    expected: 'a part of a preprocess job, version 1',
    received: z.prettifyError(parsed.error),
    advice: 'parts are added by workers: start all with the same Legenda',
  });
}
