import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planEpochs, type StageCost, timeOf } from '../../src/training/time-plan.js';

const cost = (stage: Partial<StageCost>): StageCost => ({
  epochs: 8,
  stepsPerEpoch: 100,
  secondsBefore: 0,
  secondsPerStep: 1,
  secondsPerEpoch: 0,
  ...stage,
});

describe('planEpochs', () => {
  it('leaves stages as they are where there is time for them', () => {
    expect(planEpochs(1e6, [cost({ epochs: 2.5 }), cost({ epochs: 1 })])).toEqual([2.5, 1]);
  });

  it('shortens all stages in the same proportion', () => {
    expect(planEpochs(500, [cost({}), cost({ epochs: 2 })])).toEqual([4, 1]);
  });

  it('pays for what cannot be shortened first', () => {
    expect(planEpochs(500, [cost({ secondsBefore: 100 })])).toEqual([4]);
    // Each epoch costs 100 steps and a score; a part of one has its score too.
    expect(planEpochs(300, [cost({ secondsPerEpoch: 100 })])).toEqual([1]);
  });

  it('says where not even a step of each fits', () => {
    expect(planEpochs(100, [cost({ secondsBefore: 90 }), cost({ secondsPerEpoch: 10 })])).toBeUndefined();
  });

  it('never plans more than fits or was asked for, and only whole steps', () => {
    const stage = fc.record({
      epochs: fc.double({ min: 0.01, max: 50, noNaN: true }),
      stepsPerEpoch: fc.integer({ min: 1, max: 2000 }),
      secondsBefore: fc.double({ min: 0, max: 500, noNaN: true }),
      secondsPerStep: fc.double({ min: 0.001, max: 5, noNaN: true }),
      secondsPerEpoch: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(stage, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20_000 }),
        (stages, seconds) => {
          const planned = planEpochs(seconds, stages);
          if (planned === undefined) return;
          expect(timeOf(stages, planned)).toBeLessThanOrEqual(seconds);
          stages.forEach(({ epochs, stepsPerEpoch }, index) => {
            const steps = (planned[index] as number) * stepsPerEpoch;
            expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
            expect(Math.round(steps)).toBeGreaterThanOrEqual(1);
            expect(Math.round(steps)).toBeLessThanOrEqual(Math.max(1, Math.round(epochs * stepsPerEpoch)));
          });
        },
      ),
    );
  });
});
