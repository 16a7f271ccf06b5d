export { type Bundle, loadBundle } from './bundle/index.js';
export { type CalibrateOptions, calibrateModel } from './captioner/calibrate-model.js';

import type { CaptionQueue } from './jobs/caption-queue.js';
import type { QueueOptions } from './jobs/job-queue.js';
import type { PreprocessQueue } from './jobs/preprocess-queue.js';
import type { TrainQueue } from './jobs/train-queue.js';
import type { TrainOptions, TrainResult } from './training/train-options.js';

export {
  type Caption,
  type CaptionedRow,
  type Captioner,
  type CaptionOptions,
  type CaptionRow,
  type CaptionWord,
  type ConfidenceReport,
  DEFAULT_MODEL,
  type Evaluation,
  evaluateCaptioner,
  type FailedRow,
  type ImageSource,
  isCaptioned,
  type LoadOptions,
  loadCaptioner,
  type Tag,
  type View,
  type WithheldRow,
} from './captioner/index.js';
export {
  type CaptionGroup,
  type Dataset,
  type Example,
  readDataset,
  readTextCaptions,
  type Split,
} from './datasets/index.js';
export { type ErrorCode, errorCodes, LegendaError } from './errors.js';
export { attentionOverlay } from './explain/index.js';
export { type FindOptions, type FoundImage, findImages } from './images/index.js';
export type {
  CaptionJobRequest,
  CaptionQueue,
  EnqueueOptions,
} from './jobs/caption-queue.js';
export type { QueueOptions } from './jobs/job-queue.js';
export type { JobStatus } from './jobs/job-status.js';
export type { PreprocessJobRequest, PreprocessQueue, PreprocessStatus } from './jobs/preprocess-queue.js';
export type { TrainJobRequest, TrainJobStatus, TrainQueue } from './jobs/train-queue.js';
export type { TrainingConfiguration } from './training/configuration.js';
export { readConfiguration } from './training/read-configuration.js';
export type { TrainOptions, TrainResult } from './training/train-options.js';

/**
 * Trains a caption model; see `TrainOptions`. TensorFlow is loaded when this is called and not before.
 * @throws `TENSORFLOW_MISSING` when it is not installed, and what `legenda train` says of settings and data.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  return (await import('./training/index.js')).train(options);
}

/**
 * Opens the queue of caption jobs, which `legenda work` takes from. What it needs is loaded when this is called and not before.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createCaptionQueue(options: QueueOptions = {}): Promise<CaptionQueue> {
  return (await import('./jobs/caption-queue.js')).createCaptionQueue(options);
}

/**
 * Opens the queue of train jobs, which `legenda work --queues train` takes from.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createTrainQueue(options: QueueOptions = {}): Promise<TrainQueue> {
  return (await import('./jobs/train-queue.js')).createTrainQueue(options);
}

/**
 * Opens the queue of preprocess jobs, which `legenda work --queues preprocess` takes from.
 * @throws `REDIS_UNAVAILABLE`, `REDIS_UNFIT`, `USAGE` for an address that is none.
 */
export async function createPreprocessQueue(options: QueueOptions = {}): Promise<PreprocessQueue> {
  return (await import('./jobs/preprocess-queue.js')).createPreprocessQueue(options);
}
