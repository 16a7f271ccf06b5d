export { type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
export { calibrateCheckpoint, exportCheckpoint } from './export-checkpoint.js';
export type { StepReport, TrainingProgress } from './progress.js';
export { readConfiguration } from './read-configuration.js';
export { train } from './train.js';
export { type TrainFromFiles, trainFromFiles } from './train-from-files.js';
export type { TrainOptions, TrainResult } from './train-options.js';
