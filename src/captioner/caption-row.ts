import type { ErrorCode, LegendaError } from '../errors.js';
import type { CaptionEvidence } from './confidence-features.js';
import type { Tag } from './image-tags.js';

/** A caption with what the model thinks of it. */
export interface Caption {
  readonly text: string;
  /** Of all its words and of ending there, natural logarithm. */
  readonly logProbability: number;
  /**
   * How probable it is that the caption is a good one, 0…1: see docs/confidence.md. Of a model that was not calibrated, the
   * geometric mean of its words' probabilities, exp(log-probability / words), the end counting as a word.
   */
  readonly confidence: number;
  /** Its words and where the model looked for each; only when asked for. */
  readonly words?: readonly CaptionWord[];
  /** What its confidence is computed from; only when asked for. */
  readonly evidence?: CaptionEvidence;
}

export interface CaptionWord {
  readonly word: string;
  /** Of this word after those before it, 0…1. */
  readonly probability: number;
  /**
   * A weight for each cell of the feature grid (see `Captioner.view`), row by row from the top left. With those of `beside`
   * their sum is 1.
   */
  readonly attention: readonly number[];
  /** The weights of what else the model looks at, the words of the photo's likely classes; absent where it has none. */
  readonly beside?: readonly { readonly word: string; readonly weight: number }[];
}

/** An image with its captions, best first; `caption` and `confidence` are those of the best. */
export interface CaptionedRow {
  /** The image's path; `bytes` for one given as bytes. */
  readonly image: string;
  readonly caption: string;
  readonly confidence: number;
  readonly captions: readonly Caption[];
  /** What the model's classifier sees, most probable first; absent if it has none. */
  readonly tags?: readonly Tag[];
  /** The model's name. */
  readonly model: string;
}

/** What a row without a caption says. */
export const BELOW_MINIMUM = 'below --min-confidence';

/** An image whose captions are all less sure than was asked for. */
export interface WithheldRow {
  readonly image: string;
  readonly caption: null;
  /** That of the best. */
  readonly confidence: number;
  /** None. */
  readonly captions: readonly Caption[];
  readonly reason: typeof BELOW_MINIMUM;
  readonly tags?: readonly Tag[];
  readonly model: string;
}

/** An image that could not be captioned, and why. */
export interface FailedRow {
  readonly image: string;
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** What comes of one image: the JSON object that `legenda caption --format jsonl` writes as a line. */
export type CaptionRow = CaptionedRow | WithheldRow | FailedRow;

export function isCaptioned(row: CaptionRow): row is CaptionedRow {
  return 'caption' in row && row.caption !== null;
}

export function failedRow(
  image: string,
  { code, message }: Pick<LegendaError, 'code' | 'message'>,
): FailedRow {
  return { image, error: { code, message } };
}
