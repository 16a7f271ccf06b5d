import { describe, expect, it } from 'vitest';
import { wordEvidence } from '../../src/captioner/word-evidence.js';

describe('wordEvidence', () => {
  it('is the roots of the mean cell, and behind them the logarithms of the probabilities', () => {
    const evidence = wordEvidence(Float32Array.of(0, 4, 0.25), Float32Array.of(Math.log(3), 0));
    const expected = [0, 2, 0.5, Math.log(0.75 + 1e-5), Math.log(0.25 + 1e-5)];
    expect(evidence).toHaveLength(expected.length);
    for (const [i, value] of evidence.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });

  it('is of the cell alone without a classifier', () => {
    expect(wordEvidence(Float32Array.of(9, 1))).toEqual(Float32Array.of(3, 1));
  });

  it('stays finite for logits of any size, and for cells that rounding left below 0', () => {
    for (const logit of [-1e30, 1e30, 700]) {
      expect(
        wordEvidence(Float32Array.of(-1e-9), Float32Array.of(logit, 0, -logit)).every(Number.isFinite),
      ).toBe(true);
    }
  });
});
