import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationError, reliability, separation } from '../../src/metrics/index.js';
import { Random } from '../../src/random.js';

const judged = fc.array(
  fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), good: fc.boolean() }),
  { minLength: 1, maxLength: 60 },
);

describe('calibrationError', () => {
  it('is the mean gap between confidence and what happened, weighted by the captions of a bin', () => {
    const captions = [
      { confidence: 0.92, good: true },
      { confidence: 0.98, good: false },
      { confidence: 0.25, good: false },
      { confidence: 0.21, good: true },
    ];
    expect(calibrationError(captions)).toBeCloseTo((2 * (0.95 - 0.5) + 2 * (0.5 - 0.23)) / 4, 12);
  });

  it('is as small as chance allows where confidences are true', () => {
    const random = new Random(3);
    const captions = Array.from({ length: 4000 }, () => {
      const confidence = random.uniform();
      return { confidence, good: random.uniform() < confidence };
    });
    expect(calibrationError(captions)).toBeLessThan(0.03);
    const boastful = captions.map(({ confidence, good }) => ({ confidence: Math.sqrt(confidence), good }));
    expect(calibrationError(boastful)).toBeGreaterThan(0.1);
  });

  it('puts a confidence of 1 in the last bin and loses none', () => {
    fc.assert(
      fc.property(judged, (captions) => {
        const bins = reliability(captions);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(captions.length);
        for (const { from, to, count, confidence } of bins) {
          if (count === 0) continue;
          expect(confidence).toBeGreaterThanOrEqual(from - 1e-12);
          expect(confidence).toBeLessThanOrEqual(to + 1e-12);
        }
        expect(calibrationError(captions)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('separation', () => {
  it('is the share of pairs that are in the right order, equals counting half', () => {
    fc.assert(
      fc.property(judged, (captions) => {
        const good = captions.filter((caption) => caption.good);
        const others = captions.filter((caption) => !caption.good);
        fc.pre(good.length > 0 && others.length > 0);
        let right = 0;
        for (const a of good) {
          for (const b of others) {
            if (a.confidence > b.confidence) right++;
            else if (a.confidence === b.confidence) right += 0.5;
          }
        }
        expect(separation(captions)).toBeCloseTo(right / (good.length * others.length), 10);
      }),
    );
  });
});
