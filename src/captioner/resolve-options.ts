import { LegendaError } from '../errors.js';
import { chooseSearch, type SearchedModel } from './choose-search.js';
import type { Wanted } from './network.js';
import type { CaptionOptions } from './options.js';
import type { RowOptions } from './row-writer.js';

/** Of 32 images each takes 2 % less time, but each thread 40 MB more memory, and the first captions come later. */
const BATCH_SIZE = 12;

/** Longer than any listing of a folder pauses, shorter than a person notices; milliseconds. */
const PATIENCE = 50;

export interface ResolvedCaptionOptions extends Wanted {
  readonly rows: RowOptions;
  readonly batchSize: number;
  readonly patience: number;
  readonly onBatch: ((images: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The options completed from the model's own. @throws `CONFIGURATION_INVALID` for one that does not fit. */
export function resolveCaptionOptions(options: CaptionOptions, model: SearchedModel): ResolvedCaptionOptions {
  const { batchSize = BATCH_SIZE, patience = PATIENCE, onBatch, signal } = options;
  const { minimumConfidence = 0, evidence = false, nameTags } = options;
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
  if (nameTags !== undefined && !(nameTags > 0 && nameTags <= 1)) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a nameTags above 0, to 1',
      received: String(nameTags),
    });
  }
  const rows = { minimumConfidence, evidence };
  return { search: chooseSearch(options, model), nameTags, rows, batchSize, patience, onBatch, signal };
}
