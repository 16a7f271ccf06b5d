import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../../errors.js';
import { captionJobSchema } from '../../jobs/contract.js';

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

/** A caption job as it is asked for over HTTP: its data, and when it is to be done. */
export const jobRequestSchema = captionJobSchema.omit({ version: true }).extend({
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
  deduplicate: z
    .boolean()
    .optional()
    .describe(
      'Where one with the same images, model, options and callback waits or runs, gives that one and adds none',
    ),
});

const count = z.int().min(0);

export const jobStatusSchema = z.strictObject({
  id: z.string(),
  state: z.enum(STATES),
  images: count,
  done: count,
  failed: count.describe('Of those done'),
  added: z.iso.datetime(),
  finished: z.iso.datetime().optional(),
  failure: z
    .strictObject({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
    })
    .optional()
    .describe('Why, where it failed'),
});

export const jobListSchema = z.strictObject({ jobs: z.array(jobStatusSchema) });
export const cancelledSchema = z.strictObject({
  id: z.string(),
  outcome: z.enum(['removed', 'stopping']).describe('stopping: a worker has it, and gives it up soon'),
});

export const jobParametersSchema = z.strictObject({ id: z.string().min(1).max(200) });
export const listQuerySchema = z.strictObject({
  state: z.enum(STATES).exclude(['unknown']).optional().describe('Only jobs in this state'),
  limit: z.coerce.number().int().min(1).max(200).optional().describe('At most so many; 50'),
});

export const LISTED_STATES = STATES.filter((state) => state !== 'unknown');
