import { describe, expect, it } from 'vitest';
import { describeLengths } from '../../src/metrics/index.js';

describe('lengths: whether captions are too short, too long or all the same', () => {
  it('gives the mean, the deviation and how many have each length', () => {
    expect(describeLengths([3, 3, 2, 0])).toEqual({
      mean: 2,
      deviation: Math.sqrt((1 + 1 + 0 + 4) / 4),
      histogram: [1, 0, 1, 2],
    });
    expect(describeLengths([])).toEqual({ mean: 0, deviation: 0, histogram: [0] });
  });
});
