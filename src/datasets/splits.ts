import { createHash } from 'node:crypto';
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

/** Shares of a data set that does not say its splits: 90 % train, 5 % dev, 5 % test. */
const TRAIN_UP_TO = 0.9;
const DEV_UP_TO = 0.95;

/**
 * Splits by the hash of each id, so that an image keeps its split when others come or go. From three images on there is
 * at least one to train on and one to develop on; fewer are all for training.
 */
export function assignSplits(ids: readonly string[], seed: number): Map<string, Split> {
  const drawn = ids.map((id) => ({ id, draw: drawFor(id, seed) })).sort((a, b) => a.draw - b.draw);
  let trainEnd = drawn.filter(({ draw }) => draw < TRAIN_UP_TO).length;
  let devEnd = drawn.filter(({ draw }) => draw < DEV_UP_TO).length;
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
