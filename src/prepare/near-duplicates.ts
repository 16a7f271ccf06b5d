import { setImmediate } from 'node:timers/promises';
import type { Example, Split } from '../datasets/index.js';
import { PackedHashes } from './perceptual-hash.js';

/**
 * How unlike two photos may be that count as the same. Of 60 million pairs of Flickr8k and COCO photos these limits find
 * five: four of one photo or one scene, and two sunsets. Of photos made half as large or squashed to a square they find 99 in
 * 100, of those lighter by a tenth 19 in 20, of those with 2 % cut off each side about 9 in 10.
 */
const PLACES = 24;
const COLOURS = 24;

/** More are counted only. */
const PAIRS_KEPT = 10_000;

/** Pictures compared with all others before anything else may happen. */
const ROWS_AT_ONCE = 256;

/** Two photos of different splits that look the same. */
export interface NearDuplicate {
  readonly first: Example;
  readonly second: Example;
  /** 0 for those that look most alike. */
  readonly unlikeness: number;
}

export interface NearDuplicates {
  /** The most alike first. */
  readonly pairs: readonly NearDuplicate[];
  /** Of all, also those that were too many to keep. */
  readonly count: number;
}

const BETWEEN: readonly (readonly [Split, Split])[] = [
  ['dev', 'train'],
  ['test', 'train'],
  ['test', 'dev'],
];

/**
 * Photos that look the same as one of another split: what is learnt by heart there passes for skill. Each is compared with
 * all of about its brightness, which takes some ten seconds for 100,000.
 * @param looks each example's perceptual hash.
 */
export async function findNearDuplicates(
  examples: readonly Example[],
  looks: readonly string[],
  signal?: AbortSignal,
): Promise<NearDuplicates> {
  const hashes = new PackedHashes(looks);
  const brightness = (index: number) => hashes.brightness[index] as number;
  const ofSplit = (split: Split) =>
    Uint32Array.from(examples.keys())
      .filter((index) => examples[index]?.split === split)
      .sort((a, b) => brightness(a) - brightness(b));
  const pairs: NearDuplicate[] = [];
  let count = 0;
  for (const [one, other] of BETWEEN) {
    const others = ofSplit(other);
    let from = 0;
    for (const [row, a] of ofSplit(one).entries()) {
      if (row % ROWS_AT_ONCE === 0) await setImmediate(undefined, { signal });
      while (from < others.length && brightness(others[from] as number) < brightness(a) - COLOURS) from++;
      for (let at = from; at < others.length; at++) {
        const b = others[at] as number;
        if (brightness(b) > brightness(a) + COLOURS) break;
        // First what tells most apart soonest.
        if (!hashes.coloursWithin(a, b, COLOURS)) continue;
        const unlikeness = hashes.placesApart(a, b, PLACES);
        if (unlikeness > PLACES) continue;
        count++;
        if (pairs.length < PAIRS_KEPT)
          pairs.push({ first: examples[a] as Example, second: examples[b] as Example, unlikeness });
      }
    }
  }
  return { pairs: pairs.sort((a, b) => a.unlikeness - b.unlikeness), count };
}
