import type { Bundle } from '../bundle/index.js';
import type { CaptionGroup, Dataset } from '../datasets/index.js';
import type { TrainingConfiguration } from './configuration.js';
import type { EpochRecord, StepReport, TrainingProgress } from './progress.js';

export interface TrainOptions {
  readonly configuration: TrainingConfiguration;
  /** Their train splits are learnt from together; each dev split is scored by itself. */
  readonly datasets: readonly Dataset[];
  /** Captions without pictures, for stage `language`. */
  readonly texts?: readonly CaptionGroup[];
  /** Folder of the run: checkpoints, best weights, log, report, and at the end `model/`, the bundle. */
  readonly out: string;
  /** A trained model to go on from: its encoder, decoder form, words and weights take the place of fresh ones. */
  readonly init?: Bundle | undefined;
  /** Go on from the last checkpoint in `out`. */
  readonly resume?: boolean;
  /** Seconds from now in which training, export and judging are to end; stages are shortened to fit. */
  readonly timeBudget?: number | undefined;
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (record: EpochRecord) => void;
  readonly onMessage?: (message: string) => void;
}

export interface TrainResult {
  readonly finished: boolean;
  readonly progress: TrainingProgress;
  /** The bundle, once finished. */
  readonly model?: string;
}
