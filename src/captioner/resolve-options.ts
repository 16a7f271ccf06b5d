import { LegendaError } from '../errors.js';
import type { SearchChoice } from '../search/index.js';
import { chooseSearch, type SearchedModel } from './choose-search.js';
import type { Wanted } from './network.js';
import type { CaptionOptions } from './options.js';
import type { RowOptions } from './row-writer.js';

/** With a beam of 3, batches of ten take no less time than of six, and 40 MiB more memory, and the first captions come later. */
export const MOST_IMAGES = 6;
/** Captions under way in a batch: with a beam of 10, three images take a twentieth more time than twelve, and 90 MiB less. */
const MOST_ROWS = 30;

/** Longer than any listing of a folder pauses, shorter than a person notices; milliseconds. */
const PATIENCE = 50;

export interface ResolvedCaptionOptions extends Wanted {
  readonly rows: RowOptions;
  readonly batchSize: number;
  readonly patience: number;
  readonly onBatch: ((images: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * The options completed from the model's own.
 * @param knowsWords whether it is known which words to expect. @throws `CONFIGURATION_INVALID` for an option that does not fit.
 */
export function resolveCaptionOptions(
  options: CaptionOptions,
  model: SearchedModel,
  knowsWords: boolean,
): ResolvedCaptionOptions {
  const { patience = PATIENCE, onBatch, signal } = options;
  const search = chooseSearch(options, model);
  const { batchSize = batchFor(search) } = options;
  const { minimumConfidence = 0, evidence = false, nameTags = 0 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a batch size of 1 or more',
      received: String(batchSize),
    });
  }
  if (!(minimumConfidence >= 0 && minimumConfidence <= 1)) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a minimumConfidence from 0 to 1',
      received: String(minimumConfidence),
    });
  }
  if (!(nameTags >= 0 && nameTags <= 1)) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a nameTags from 0 to 1',
      received: String(nameTags),
    });
  }
  const expectedWords = expectedWordsOf(options, model, knowsWords);
  const rows = { minimumConfidence, evidence };
  return { search, nameTags, expectedWords, rows, batchSize, patience, onBatch, signal };
}

/** @throws `CONFIGURATION_INVALID` below 0, and for a model of which it is not known which words to expect. */
function expectedWordsOf(
  { expectedWords }: CaptionOptions,
  { manifest }: SearchedModel,
  knowsWords: boolean,
): number {
  if (expectedWords === undefined) return manifest.search.expectedWords ?? 0;
  if (!(expectedWords >= 0 && Number.isFinite(expectedWords))) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'an expectedWords of 0 or more',
      received: String(expectedWords),
    });
  }
  if (expectedWords > 0 && !knowsWords) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a model that knows which words to expect, with expectedWords',
      received: `${manifest.name}, which does not`,
      advice: 'run legenda calibrate on the model',
    });
  }
  return expectedWords;
}

/** So many images that a batch's memory is about the same whatever the beam's width. */
function batchFor({ options }: SearchChoice): number {
  const width = 'beamWidth' in options ? (options.beamWidth ?? 1) : 1;
  return Math.max(1, Math.min(MOST_IMAGES, Math.floor(MOST_ROWS / width)));
}
