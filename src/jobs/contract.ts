import { z } from 'zod';
import type { CaptionOptions, CaptionRow } from '../captioner/index.js';
import { type ErrorCode, errorCodes, LegendaError } from '../errors.js';

/** Where caption jobs wait, and what they are called there: services in any language enqueue under these names. */
export const CAPTION_QUEUE = 'legenda-caption';
export const CAPTION_JOB = 'caption';

/** The most images of one job: a longer list is split into several. */
export const MOST_IMAGES = 1000;
/** The most captions of an image, or under way for it: a worker's memory is shared by all who enqueue. */
const MOST_CAPTIONS = 50;
const MOST_WORDS = 100;
/** Beside it agreement hardly counts. */
const MOST_WEIGHT = 1000;

const named = { id: z.string().min(1).max(200).optional().describe('What its row is to call it') };
const imageSchema = z
  .union(
    [
      z.strictObject({
        ...named,
        path: z.string().min(1).describe('A file below a folder that the worker allows (--root)'),
      }),
      z.strictObject({
        ...named,
        url: z
          .url({ protocol: /^https?$/ })
          .describe('An http or https address, where the worker allows them'),
      }),
      z.strictObject({ ...named, base64: z.base64().min(1).describe("The bytes of the image's file") }),
    ],
    { error: 'Expected one of path, url and base64, and an id if it is to have one' },
  )
  .describe('An image: one of path, url and base64');

const word = z.string().min(1).max(100);
const words = z.array(word).max(100);
const captions = z.int().min(1).max(MOST_CAPTIONS);
const length = z.int().min(1).max(MOST_WORDS);
const share = z.number().min(0).max(1);

/** The options of a caption job: those of the library that concern the captions, not how the worker goes about it. */
export type JobOptions = Omit<CaptionOptions, 'batchSize' | 'evidence' | 'onBatch' | 'patience' | 'signal'>;

const optionsSchema = z
  .strictObject({
    method: z.enum(['beam', 'greedy', 'diverse', 'sample']).describe("How words are chosen; the model's"),
    beamWidth: captions.describe('beam, diverse: captions kept under way'),
    top: captions.describe('Captions to give for each image, best first; 1'),
    minimumLength: length.describe('The fewest words of a caption'),
    maximumLength: length.describe('The most words of a caption'),
    lengthPenalty: z.number().min(0).max(2).describe('How much longer captions are favoured'),
    consensus: z
      .int()
      .min(0)
      .max(MOST_CAPTIONS)
      .describe(
        'Not greedy: of so many captions, the one that agrees most with the others; 0 for the likeliest',
      ),
    expectedWords: z
      .number()
      .min(0)
      .max(MOST_WEIGHT)
      .describe('How much it counts that a caption has the words to expect of the image'),
    noRepeatNgram: z
      .int()
      .min(0)
      .max(MOST_WORDS)
      .describe('Lets no so many words in a row stand in a caption twice'),
    banned: words.describe('Words never to write'),
    required: z
      .array(z.union([word, words.min(1)]))
      .max(4)
      .describe('beam, greedy: words that each caption must have, or of each list any one'),
    nameTags: z
      .number()
      .min(0)
      .max(1)
      .describe('beam, greedy: names what the classifier finds at least so probable; 0 for nothing'),
    anyEnding: z.boolean().describe('Lets captions end with words such as a, of, with'),
    groups: captions.describe('diverse: groups that differ'),
    diversity: z.number().min(0).describe('diverse: how much groups differ'),
    temperature: z.number().positive().describe('sample: below 1 likelier words'),
    topK: z.int().min(1).describe('sample: draw among so many of the likeliest words'),
    topP: z
      .number()
      .positive()
      .max(1)
      .describe('sample: draw among the likeliest words that together are this probable'),
    seed: z.int().min(0).describe('sample: the same seed gives the same image the same captions'),
    attention: z.boolean().describe('Gives each word with where the model looked for it'),
    minimumConfidence: share.describe('Leaves out captions of which the model is less sure'),
  })
  .partial()
  .describe(
    'As on the command line; what is left out is as the model has it',
  ) satisfies z.ZodType<JobOptions>;

/** What waits in the queue: data of the job `caption`. */
export const captionJobSchema = z
  .strictObject({
    version: z.literal(1),
    images: z.array(imageSchema).min(1).max(MOST_IMAGES),
    model: z.string().min(1).optional().describe('Name of a model that the worker has; its first'),
    options: optionsSchema.optional(),
    callback: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('An address to send the result to as well, signed'),
  })
  .meta({ title: `Data of the job "${CAPTION_JOB}" in the queue "${CAPTION_QUEUE}"` });

export type CaptionJob = z.infer<typeof captionJobSchema>;
export type CaptionJobImage = CaptionJob['images'][number];

const captionSchema = z.strictObject({
  text: z.string(),
  logProbability: z.number().describe('Of all its words and of ending there, natural logarithm'),
  confidence: share.describe('How probable it is that the caption is a good one'),
  words: z
    .array(
      z.strictObject({
        word: z.string(),
        probability: share,
        attention: z.array(z.number()).describe('A weight for each cell of the feature grid, row by row'),
        beside: z.array(z.strictObject({ word: z.string(), weight: z.number() })).optional(),
      }),
    )
    .optional()
    .describe('With the option attention'),
});

const common = {
  image: z.string().describe("The image's id; else its path or url; else bytes"),
  tags: z
    .array(z.strictObject({ label: z.string(), probability: share }))
    .optional()
    .describe('What the classifier sees, most probable first'),
  model: z.string(),
};

const rowSchema = z.union([
  z.strictObject({
    ...common,
    caption: z.string(),
    confidence: share,
    captions: z.array(captionSchema).min(1),
  }),
  z.strictObject({
    ...common,
    caption: z.null(),
    confidence: share,
    captions: z.array(captionSchema).max(0),
    reason: z.string(),
  }),
  z.strictObject({
    image: common.image,
    error: z.strictObject({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
    }),
  }),
]);

/** What a finished job returns: the rows that the command line prints, one for each image and in their order. */
export const captionResultSchema = z
  .strictObject({ version: z.literal(1), results: z.array(rowSchema) })
  .meta({ title: `Return value of the job "${CAPTION_JOB}"` });

/** The result of a caption job. */
export interface CaptionResult {
  readonly version: 1;
  readonly results: readonly CaptionRow[];
}

/**
 * The data of a caption job, checked.
 * @throws `JOB_INVALID` for an unknown version, an unknown field or a value out of its range: no retry can mend it.
 */
export function parseCaptionJob(data: unknown): CaptionJob {
  return checkedData(captionJobSchema, data, CAPTION_JOB);
}

/** @param kind the job's name. @throws `JOB_INVALID`, naming what is wrong. */
export function checkedData<T>(schema: z.ZodType<T>, data: unknown, kind: string): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new LegendaError('JOB_INVALID', {
    expected: `the data of a ${kind} job, version 1`,
    received: `${where}${issue.message}`,
    advice: `see docs/jobs/${kind}-job.schema.json`,
  });
}
