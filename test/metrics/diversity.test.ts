import { describe, expect, it } from 'vitest';
import {
  captionKey,
  countDistinctCaptions,
  countWordsUsed,
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
});
