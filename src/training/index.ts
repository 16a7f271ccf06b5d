export type { TrainingProgress } from './checkpoint.js';
export { type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
export { calibrateCheckpoint, exportCheckpoint } from './export-checkpoint.js';
export { readConfiguration } from './read-configuration.js';
export type { StepReport } from './run-stage.js';
export { type TrainResult, train } from './train.js';
export { type TrainFromFiles, trainFromFiles } from './train-from-files.js';
export type { TrainOptions } from './train-options.js';
