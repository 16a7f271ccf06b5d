import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { inventTags } from '../../src/training/artificial-tags.js';

const ALL = Array.from({ length: 40 }, (_, index) => 100 + index);

describe('tags invented for captions without a picture', () => {
  it('are tag words, each once, as probabilities that fall and add up to at most one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0 }),
        fc.subarray(ALL),
        fc.integer({ min: 1, max: 9 }),
        (seed, mentioned, count) => {
          const { tokens, probabilities } = inventTags(mentioned, ALL, count, new Random(seed));
          expect(new Set(tokens).size).toBe(count);
          expect(ALL).toEqual(expect.arrayContaining(tokens));
          expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
          expect(probabilities.every((probability) => probability > 0)).toBe(true);
          expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });

  it('tell what the captions mention more often than not, but not always', () => {
    const random = new Random(3);
    const draws = Array.from({ length: 500 }, () => inventTags([107], ALL, 5, random).tokens);
    const first = draws.filter((tokens) => tokens[0] === 107).length / draws.length;
    const found = draws.filter((tokens) => tokens.includes(107)).length / draws.length;
    expect(first).toBeGreaterThan(0.3);
    expect(first).toBeLessThan(found);
    expect(found).toBeLessThan(0.9);
  });
});
