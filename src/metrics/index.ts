export type { BleuScores } from './bleu.js';
export {
  calibrationError,
  type JudgedConfidence,
  type ReliabilityBin,
  reliability,
  separation,
} from './calibration.js';
export { CiderD } from './cider-d.js';
export { captionKey, countDistinctCaptions, countWordsUsed, shareOfNovelCaptions } from './diversity.js';
export {
  type CaptionMetrics,
  type CaptionToEvaluate,
  evaluateCaptions,
  type ImageMetrics,
} from './evaluate-captions.js';
export { tokeniseForMetrics } from './tokenise-for-metrics.js';
