export type { Caption, CaptionedRow, CaptionRow, CaptionWord, FailedRow } from './caption-row.js';
export type { Captioner, ImageSource } from './captioner.js';
export { DEFAULT_MODEL } from './default-model.js';
export { type Evaluation, evaluateCaptioner } from './evaluate.js';
export { type LoadOptions, loadCaptioner } from './load-captioner.js';
export type { CaptionOptions } from './options.js';
