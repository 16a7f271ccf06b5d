import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../../errors.js';
import { captionJobSchema } from '../../jobs/contract.js';
import { preprocessJobSchema, preprocessResultSchema } from '../../jobs/preprocess-contract.js';
import { QUEUES } from '../../jobs/queue-names.js';
import { trainJobSchema, trainProgressSchema, trainResultSchema } from '../../jobs/train-contract.js';

const STATES = [
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'active',
  'completed',
  'failed',
  'unknown',
] as const;

const when = {
  priority: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('1 is first, and so on; jobs without come before'),
  delay: z
    .int()
    .min(0)
    .max(30 * 24 * 3600 * 1000)
    .optional()
    .describe('How long to wait before it may begin, milliseconds'),
};

/** Jobs as they are asked for over HTTP: their data, and when they are to be done. */
export const jobRequestSchemas = {
  caption: captionJobSchema.omit({ version: true }).extend({
    queue: z.literal('caption').optional().describe('The kind of job that is meant where none is named'),
    ...when,
    deduplicate: z
      .boolean()
      .optional()
      .describe(
        'Where one with the same images, model, options and callback waits or runs, gives that one and adds none',
      ),
  }),
  train: trainJobSchema.omit({ version: true }).extend({ queue: z.literal('train'), ...when }),
  preprocess: preprocessJobSchema.omit({ version: true }).extend({ queue: z.literal('preprocess'), ...when }),
};

/** What tells how the rest is to be understood. */
export const jobKindSchema = z.looseObject({ queue: z.enum(QUEUES).default('caption') });

const count = z.int().min(0);

const anyStatus = {
  id: z.string(),
  state: z.enum(STATES),
  added: z.iso.datetime(),
  finished: z.iso.datetime().optional(),
  failure: z
    .strictObject({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
    })
    .optional()
    .describe('Why, where it failed'),
};

const captionStatusSchema = z.strictObject({
  queue: z.literal('caption'),
  ...anyStatus,
  images: count,
  done: count,
  failed: count.describe('Of those done'),
});

const trainStatusSchema = z.strictObject({
  queue: z.literal('train'),
  ...anyStatus,
  name: z.string().describe("The run's"),
  progress: trainProgressSchema.optional(),
  result: trainResultSchema.optional().describe('Where it is completed'),
});

const preprocessStatusSchema = z.strictObject({
  queue: z.literal('preprocess'),
  ...anyStatus,
  name: z.string().describe("The folder's"),
  images: count.describe('0 until the data set is read'),
  done: count,
  result: preprocessResultSchema.optional().describe('Where it is completed'),
});

export const jobStatusSchema = z.discriminatedUnion('queue', [
  captionStatusSchema,
  trainStatusSchema,
  preprocessStatusSchema,
]);

export const jobListSchema = z.strictObject({ jobs: z.array(jobStatusSchema) });
export const cancelledSchema = z.strictObject({
  id: z.string(),
  outcome: z.enum(['removed', 'stopping']).describe('stopping: a worker has it, and gives it up soon'),
});

export const jobParametersSchema = z.strictObject({ id: z.string().min(1).max(200) });
const queue = z.enum(QUEUES).optional();
export const jobQuerySchema = z.strictObject({
  queue: queue.describe(
    'Which queue it is in; needed where another program gave it an id that does not tell',
  ),
});
export const listQuerySchema = z.strictObject({
  queue: queue.describe('Only jobs of this queue'),
  state: z.enum(STATES).exclude(['unknown']).optional().describe('Only jobs in this state'),
  limit: z.coerce.number().int().min(1).max(200).optional().describe('At most so many; 50'),
});

export const LISTED_STATES = STATES.filter((state) => state !== 'unknown');
