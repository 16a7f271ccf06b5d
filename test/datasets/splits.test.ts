import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignSplits } from '../../src/datasets/splits.js';

const ids = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 });

const draw = (seed: number) => ({ seed, devShare: 0.05, withTest: true });

describe('assignSplits', () => {
  it('gives small data sets something to train and something to develop on', () => {
    fc.assert(
      fc.property(ids, fc.integer(), (names, seed) => {
        const splits = [...assignSplits(names, draw(seed)).values()];
        expect(splits).toHaveLength(names.length);
        expect(splits).toContain('train');
        expect(splits.includes('dev')).toBe(names.length >= 3);
      }),
    );
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(ids, fc.integer(), (names, seed) => {
        const splits = assignSplits(names, draw(seed));
        expect(assignSplits([...names].reverse(), draw(seed))).toEqual(splits);
      }),
    );
  });

  it('is 90 : 5 : 5, and a picture keeps its split when others come', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `photo ${i}`);
    const splits = assignSplits(names, draw(3));
    const shares = { train: 0, dev: 0, test: 0 };
    for (const split of splits.values()) shares[split] += 1 / names.length;
    expect(shares.train).toBeCloseTo(0.9, 2);
    expect(shares.dev).toBeCloseTo(0.05, 2);
    const fewer = assignSplits(names.slice(0, 10_000), draw(3));
    for (const [name, split] of fewer) expect(splits.get(name)).toBe(split);
  });
});
