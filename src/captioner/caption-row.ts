import type { ErrorCode } from '../errors.js';

/** A caption with what the model thinks of it. */
export interface Caption {
  readonly text: string;
  /** Of all its words and of ending there, natural logarithm. */
  readonly logProbability: number;
  /** The geometric mean of its words' probabilities, 0…1: exp(log-probability / words), the end counting as a word. */
  readonly confidence: number;
  /** Its words and where the model looked for each; only when asked for. */
  readonly words?: readonly CaptionWord[];
}

export interface CaptionWord {
  readonly word: string;
  /** A weight for each cell of the feature grid, row by row from the top left; their sum is 1. */
  readonly attention: readonly number[];
}

/** An image with its captions, best first; `caption` and `confidence` are those of the best. */
export interface CaptionedRow {
  /** The image's path; `bytes` for one given as bytes. */
  readonly image: string;
  readonly caption: string;
  readonly confidence: number;
  readonly captions: readonly Caption[];
  /** The model's name. */
  readonly model: string;
}

/** An image that could not be captioned, and why. */
export interface FailedRow {
  readonly image: string;
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** What comes of one image: the JSON object that `legenda caption --format jsonl` writes as a line. */
export type CaptionRow = CaptionedRow | FailedRow;
