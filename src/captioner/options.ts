import type { SearchDefaults } from '../bundle/index.js';
import { LegendaError } from '../errors.js';
import { type BeamOptions, resolveOptions } from '../search/index.js';

export interface CaptionOptions {
  /** How words are chosen: the best of several captions under way, or the likeliest word each time. @defaultValue the model's */
  readonly method?: 'beam' | 'greedy';
  /** Captions under way an image, with method `beam`. @defaultValue the model's, at least `top` */
  readonly beamWidth?: number;
  /** Captions to give for each image, best first; more than one with method `beam` only. @defaultValue 1 */
  readonly top?: number;
  /** The most words a caption may have. @defaultValue the model's */
  readonly maximumLength?: number;
  /** How much longer captions are favoured, 0 or more: score = log-probability / length^penalty. @defaultValue the model's */
  readonly lengthPenalty?: number;
  /** Whether to give each word with where the model looked for it. @defaultValue false */
  readonly attention?: boolean;
  /** Images that run through the network at once: more need more memory. @defaultValue 32 */
  readonly batchSize?: number;
  /** Stops the work. */
  readonly signal?: AbortSignal;
}

/** Past 32 images an image takes less than a tenth less time, and the first captions come later. */
const BATCH_SIZE = 32;

/** What search is to do. */
export interface SearchChoice {
  readonly method: 'beam' | 'greedy';
  readonly options: BeamOptions;
}

export interface ResolvedCaptionOptions {
  readonly search: SearchChoice;
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
}

/** The options completed from the model's own. @throws `CONFIGURATION_INVALID` for one that does not fit. */
export function resolveCaptionOptions(
  options: CaptionOptions,
  model: SearchDefaults,
): ResolvedCaptionOptions {
  const { top = 1, batchSize = BATCH_SIZE, attention = false, signal } = options;
  const method = options.method ?? model.method;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw invalid('a batch size of 1 or more', batchSize);
  }
  if (method === 'greedy' && top !== 1) throw invalid('one caption an image with method greedy', top);
  const beamWidth = options.beamWidth ?? Math.max(model.beamWidth, top);
  if (top > beamWidth)
    throw invalid(`at most as many captions an image as the beam is wide, ${beamWidth}`, top);
  const search: SearchChoice = {
    method,
    options: {
      beamWidth,
      nBest: top,
      maximumLength: options.maximumLength ?? model.maximumLength,
      lengthPenalty: options.lengthPenalty ?? model.lengthPenalty,
      attention,
    },
  };
  resolveOptions(search.options);
  return { search, batchSize, signal };
}

function invalid(expected: string, received: number): LegendaError {
  return new LegendaError('CONFIGURATION_INVALID', { expected, received: String(received) });
}
