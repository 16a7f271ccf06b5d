import { z } from 'zod';
import { checkedData } from './contract.js';

/** Where train jobs wait, and what they are called there. */
export const TRAIN_QUEUE = 'legenda-train';
export const TRAIN_JOB = 'train';

const MOST_PATHS = 100;
/** Of settings as JSON: who lists jobs reads the data of all. */
const MOST_CHARACTERS = 100_000;
const SO_MANY = `${MOST_CHARACTERS.toLocaleString('en')} characters`;
const path = z.string().min(1).max(4096);

export const runName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
  .describe("The run's folder, within the folder of the worker's runs (--runs)");

/** What waits in the queue: data of the job `train`. */
export const trainJobSchema = z
  .strictObject({
    version: z.literal(1),
    data: z
      .array(path)
      .min(1)
      .max(MOST_PATHS)
      .describe('Data sets: files or folders below a folder that the worker allows (--root)'),
    text: z
      .array(path)
      .max(MOST_PATHS)
      .optional()
      .describe('Files of captions without pictures, below such a folder too'),
    configuration: z
      .record(z.string(), z.unknown())
      .refine(isShort, { error: `More than ${SO_MANY}` })
      .optional()
      .describe(
        `Settings that differ from the defaults, as in the file that legenda train reads; at most ${SO_MANY}`,
      ),
    set: z
      .array(z.string().min(1).max(1000))
      .max(200)
      .optional()
      .describe('Single settings such as stages.decoder.epochs=4'),
    init: path
      .optional()
      .describe('A model to go on from: the name of one that the worker has, or a path below such a folder'),
    name: runName,
  })
  .meta({ title: `Data of the job "${TRAIN_JOB}" in the queue "${TRAIN_QUEUE}"` });

export type TrainJob = z.infer<typeof trainJobSchema>;

const scores = z.record(z.string(), z.number()).describe('By data set');
const stage = z.string();
const epoch = z.number();

/** What a finished job returns. */
export const trainResultSchema = z
  .strictObject({
    version: z.literal(1),
    model: z.string().describe("The model's folder, as the worker names it"),
    totalSteps: z.int().min(0),
    best: z
      .strictObject({
        score: z.number().describe('CIDEr-D on the dev splits'),
        stage,
        epoch,
        averaged: z.literal(true).optional().describe('Where it is the averaged weights'),
      })
      .nullable()
      .describe('The weights that the model has'),
    history: z
      .array(
        z.strictObject({
          stage,
          epoch,
          loss: z.number(),
          devCiderD: scores,
          averageDevCiderD: scores.optional(),
        }),
      )
      .describe('Each epoch'),
  })
  .meta({ title: `Return value of the job "${TRAIN_JOB}"` });

export type TrainJobResult = z.infer<typeof trainResultSchema>;

/** How far a train job is: as it stands in BullMQ as the job's progress. */
export const trainProgressSchema = z
  .strictObject({
    message: z.string().describe('What was last said'),
    step: z
      .strictObject({
        stage,
        epoch: epoch.describe('Epochs of the stage done, with a fraction'),
        epochs: z.number(),
        step: z.int().describe('Steps of the stage done'),
        steps: z.int(),
        loss: z.number(),
        imagesPerSecond: z.number().nullable(),
        secondsLeft: z.number().nullable().describe('Until the stage ends'),
      })
      .optional()
      .describe('The last step'),
    devScores: scores.optional().describe('CIDEr-D on each dev split after the last epoch that was scored'),
  })
  .meta({ title: `Progress of the job "${TRAIN_JOB}"` });

export type TrainJobProgress = z.infer<typeof trainProgressSchema>;

/**
 * The data of a train job, checked; the settings are not.
 * @throws `JOB_INVALID` for an unknown version, an unknown field or a value out of its range: no retry can mend it.
 */
export function parseTrainJob(data: unknown): TrainJob {
  return checkedData(trainJobSchema, data, TRAIN_JOB);
}

function isShort(settings: unknown): boolean {
  try {
    return JSON.stringify(settings).length <= MOST_CHARACTERS;
  } catch {
    // So deep that it cannot be told.
    return false;
  }
}
