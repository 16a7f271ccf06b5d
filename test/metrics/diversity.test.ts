import { describe, expect, it } from 'vitest';
import {
  captionKey,
  countDistinctCaptions,
  countWordsUsed,
  distinctNGrams,
  shareOfNovelCaptions,
} from '../../src/metrics/index.js';

const CAPTIONS = ['A dog runs.', 'a dog runs', 'Two cats sleep', "The dog's bowl"];

describe('diversity: whether a model says the same about everything', () => {
  it('counts different captions, capitals and punctuation aside', () => {
    expect(countDistinctCaptions(CAPTIONS)).toBe(3);
    expect(countDistinctCaptions([])).toBe(0);
  });

  it('gives the share of captions that the model did not read in training', () => {
    const training = new Set(['A dog, runs!', 'three birds'].map((caption) => captionKey(caption)));
    expect(shareOfNovelCaptions(CAPTIONS, training)).toBe(0.5);
    expect(shareOfNovelCaptions([], training)).toBe(0);
  });

  it('counts the words used', () => {
    expect(countWordsUsed(CAPTIONS)).toBe("a dog runs two cats sleep the 's bowl".split(' ').length);
  });

  it('gives the share of different words and pairs of words', () => {
    // a dog runs a dog runs two cats sleep the dog 's bowl
    expect(distinctNGrams(CAPTIONS, 1)).toBe(9 / 13);
    // a dog, dog runs, a dog, dog runs, two cats, cats sleep, the dog, dog 's, 's bowl
    expect(distinctNGrams(CAPTIONS, 2)).toBe(7 / 9);
    expect(distinctNGrams(['dog'], 2)).toBe(0);
  });
});
