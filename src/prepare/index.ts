export { type WordOptions, wordOptions } from './count-words.js';
export { describePreparation } from './describe-preparation.js';
export {
  type ImageInspection,
  type InspectOptions,
  inspectImages,
  mergeInspections,
} from './inspect-images.js';
export { type Preparation, prepareDataset } from './prepare.js';
export { requirePreparationFolder, writePreparation } from './write-preparation.js';
