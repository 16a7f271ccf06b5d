import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StageConfiguration, trainingConfigurationSchema } from '../../src/training/configuration.js';
import { learningRateShare } from '../../src/training/learning-rate.js';

const stage = (options: Partial<StageConfiguration>): StageConfiguration => ({
  ...trainingConfigurationSchema.parse({}).stages.decoder,
  ...options,
});
const shares = (options: Partial<StageConfiguration>, steps: number) =>
  Array.from({ length: steps }, (_, step) => learningRateShare(stage(options), step, steps));

const choices = fc.record({
  warmUpSteps: fc.nat(40),
  decay: fc.constantFrom<StageConfiguration['decay'][]>('cosine', 'none'),
});

describe('learningRateShare', () => {
  it('rises in a straight line from above zero, and is whole after the warm-up', () => {
    const [a, b, c, d, e] = shares({ warmUpSteps: 4, decay: 'none' }, 20);
    expect([a, b, c, d, e]).toEqual([1 / 5, 2 / 5, 3 / 5, 4 / 5, 1]);
  });

  it('falls by half a cosine to a twentieth', () => {
    const found = shares({ warmUpSteps: 0, decay: 'cosine' }, 1000);
    expect(found[0]).toBe(1);
    expect(found[500]).toBeCloseTo(0.525, 10);
    expect(found[250]).toBeCloseTo(0.05 + 0.95 * 0.5 * (1 + Math.SQRT1_2), 10);
    expect(found[999]).toBeCloseTo(0.05, 4);
  });

  it('moves the weights at every step and never more than the configuration says', () => {
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 120 }), (options, steps) => {
        for (const share of shares(options, steps)) {
          expect(share).toBeGreaterThan(0);
          expect(share).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('reaches its highest even in a stage shorter than the warm-up, then only falls', () => {
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 120 }), (options, steps) => {
        const found = shares(options, steps);
        const top = found.indexOf(1);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(top).toBeLessThanOrEqual(steps / 2);
        found.slice(1).forEach((share, index) => {
          if (index + 1 <= top) expect(share).toBeGreaterThan(found[index] as number);
          else expect(share).toBeLessThanOrEqual(found[index] as number);
        });
      }),
    );
  });
});
