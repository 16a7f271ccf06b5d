import { z } from 'zod';
import { STAGES } from './configuration.js';

const scoresSchema = z.record(z.string(), z.number());

const epochRecordSchema = z.object({
  stage: z.enum(STAGES),
  /** Counted from 1 within the stage; a part of one at the end counts too. */
  epoch: z.number(),
  /** Steps done in all stages when it ended. */
  totalSteps: z.int().exactOptional(),
  loss: z.number(),
  /** CIDEr-D on the dev split of each data set, greedy. */
  devCiderD: scoresSchema,
  /** That of the averaged weights. */
  averageDevCiderD: scoresSchema.optional(),
  /** Its captions of a few dev pictures, the same every epoch, by data set and id: `shapes/12`. */
  samples: z.record(z.string(), z.string()).exactOptional(),
});
export type EpochRecord = z.infer<typeof epochRecordSchema>;

const stageCostSchema = z.object({
  epochs: z.number(),
  stepsPerEpoch: z.number(),
  secondsBefore: z.number(),
  secondsPerStep: z.number(),
  secondsPerEpoch: z.number(),
});

const timeBudgetSchema = z.object({
  /** Of the whole run, and what it has taken so far. */
  seconds: z.number(),
  used: z.number(),
  /** To save a checkpoint; to export and judge the model at the end. */
  saving: z.number(),
  after: z.number(),
  costs: z.partialRecord(z.enum(STAGES), stageCostSchema),
});
/** What is known of a run that is to end within a time. */
export type TimeBudgetState = z.infer<typeof timeBudgetSchema>;

export const progressSchema = z.object({
  /** The name of the trained model that the run went on from, if it did. */
  init: z.string().exactOptional(),
  stage: z.enum(STAGES),
  /** Steps done in the stage. */
  step: z.int().min(0),
  /** Steps done in all stages. */
  totalSteps: z.int().min(0),
  optimiserSteps: z.int().min(0),
  /** Sum of the losses of this epoch so far, and their number. */
  lossSum: z.number(),
  lossCount: z.int().min(0),
  history: z.array(epochRecordSchema),
  best: z
    .object({
      score: z.number(),
      stage: z.enum(STAGES),
      /** 0: before the stage's first step. */
      epoch: z.number(),
      /** Set where it is the averaged weights. */
      averaged: z.literal(true).optional(),
    })
    .nullable(),
  timeBudget: timeBudgetSchema.exactOptional(),
});
/** How far a run has come. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/** What is told after each step. */
export interface StepReport {
  readonly stage: string;
  /** Epochs done, with a fraction, and of how many. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in the stage, and of how many. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Until the stage ends, seconds. */
  readonly secondsLeft: number;
}
