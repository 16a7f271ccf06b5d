import { LegendaError } from '../errors.js';
import type { Preparation } from '../prepare/index.js';
import { type PreprocessResult, preprocessResultSchema } from './preprocess-contract.js';

/** What a preprocess job returns. What leaves a worker is as the contract says, or it does not leave. */
export function preprocessResult(folder: string, preparation: Preparation): PreprocessResult {
  const { examples, dropped } = preparation.dataset;
  const checked = preprocessResultSchema.safeParse({
    version: 1,
    folder,
    images: examples.length,
    captions: examples.reduce((sum, { captions }) => sum + captions.length, 0),
    splits: countBy(examples.map(({ split }) => split)),
    dropped: countBy(dropped.map(({ reason }) => reason)),
    nearDuplicates: preparation.nearDuplicates.count,
  } satisfies PreprocessResult);
  if (checked.success) return checked.data;
  throw new LegendaError('INTERNAL', {
    received: `a result that breaks the contract: ${checked.error.message}`,
  });
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
