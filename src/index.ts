export {
  type Caption,
  type CaptionedRow,
  type Captioner,
  type CaptionOptions,
  type CaptionRow,
  type CaptionWord,
  type FailedRow,
  type LoadOptions,
  loadCaptioner,
} from './captioner/index.js';
export { type ErrorCode, errorCodes, LegendaError } from './errors.js';
