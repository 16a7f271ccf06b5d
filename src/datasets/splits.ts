import { createHash } from 'node:crypto';
import { LegendaError } from '../errors.js';
import type { Split } from './example.js';

const NAMES: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  // Karpathy's name for the rest of COCO's validation photos, which everyone trains on.
  ['restval', 'train'],
  ['dev', 'dev'],
  ['val', 'dev'],
  ['valid', 'dev'],
  ['validation', 'dev'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** The split that a word names, in capitals or not, a year after it or not: `val2017` -> `dev`. */
export function splitNamed(word: string): Split | undefined {
  return NAMES.get(word.toLowerCase().replace(/[-_]?\d*$/, ''));
}

/** As {@link splitNamed}, for a word that has to name one. @throws `DATASET_BROKEN`. */
export function requireSplit(word: string, file: string): Split {
  const split = splitNamed(word);
  if (split !== undefined) return split;
  throw new LegendaError('DATASET_BROKEN', {
    expected: 'a split of train, dev (or val) or test',
    received: `"${word}"`,
    advice: `correct it in ${file}`,
  });
}

export interface DrawOptions {
  readonly seed: number;
  /** The share of the images that dev gets, below 0.5. */
  readonly devShare: number;
  /** Whether as many are for test. */
  readonly withTest: boolean;
}

/**
 * Splits by the hash of each id, so that an image keeps its split when others come or go. From three images on there is
 * at least one to train on and one to develop on; fewer are all for training.
 */
export function assignSplits(
  ids: readonly string[],
  { seed, devShare, withTest }: DrawOptions,
): Map<string, Split> {
  const drawn = ids.map((id) => ({ id, draw: drawFor(id, seed) })).sort((a, b) => a.draw - b.draw);
  const testShare = withTest ? devShare : 0;
  let trainEnd = drawn.filter(({ draw }) => draw < 1 - devShare - testShare).length;
  let devEnd = drawn.filter(({ draw }) => draw < 1 - testShare).length;
  if (drawn.length < 3) {
    trainEnd = drawn.length;
  } else {
    trainEnd = Math.min(Math.max(trainEnd, 1), drawn.length - 1);
    devEnd = Math.max(devEnd, trainEnd + 1);
  }
  return new Map(
    drawn.map(({ id }, rank) => [id, rank < trainEnd ? 'train' : rank < devEnd ? 'dev' : 'test']),
  );
}

/** A number in [0, 1) that only the seed and the id decide. */
function drawFor(id: string, seed: number): number {
  return createHash('sha256').update(`${seed}:${id}`).digest().readUInt32BE() / 2 ** 32;
}
