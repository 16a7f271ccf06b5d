export {
  type Caption,
  type CaptionedRow,
  type CaptionRow,
  type CaptionWord,
  type FailedRow,
  failedRow,
  isCaptioned,
  type WithheldRow,
} from './caption-row.js';
export type { Captioner, ImageSource } from './captioner.js';
export type { ConfidenceReport } from './confidence.js';
export type { CaptionEvidence } from './confidence-features.js';
export { DEFAULT_MODEL } from './default-model.js';
export { type Evaluation, evaluateCaptioner } from './evaluate.js';
export type { Tag } from './image-tags.js';
export { type LoadOptions, loadCaptioner } from './load-captioner.js';
export type { CaptionOptions } from './options.js';
export { MOST_IMAGES } from './resolve-options.js';
export type { View } from './view.js';
