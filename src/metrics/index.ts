export type { BleuScores } from './bleu.js';
export {
  calibrationError,
  type JudgedConfidence,
  type ReliabilityBin,
  reliability,
  separation,
} from './calibration.js';
export { CiderD } from './cider-d.js';
export {
  captionKey,
  countDistinctCaptions,
  countWordsUsed,
  distinctNGrams,
  shareOfNovelCaptions,
} from './diversity.js';
export {
  type CaptionMetrics,
  type CaptionToEvaluate,
  evaluateCaptions,
  type ImageMetrics,
} from './evaluate-captions.js';
export { describeLengths, type Lengths } from './lengths.js';
export { meteorVariant } from './meteor.js';
export { summarise } from './summarise.js';
export { tokeniseForMetrics } from './tokenise-for-metrics.js';
