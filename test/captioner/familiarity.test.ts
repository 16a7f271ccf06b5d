import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnFamiliarity, positionOf } from '../../src/captioner/familiarity.js';
import { Random } from '../../src/random.js';

const WIDTH = 40;
/** The last directions hardly differ, as those of real pictures. */
const deviations = Array.from({ length: WIDTH }, (_, i) => 3 * 0.8 ** i);

function draw(random: Random, scale = 1): Float32Array {
  return Float32Array.from(deviations, (deviation, i) => i + scale * deviation * random.normal());
}

const random = new Random(1);
const learnt = Array.from({ length: 2000 }, () => draw(random));
const familiarity = learnFamiliarity(learnt);

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('learnFamiliarity', () => {
  it('finds where the pictures lie and how much they differ in the directions in which they differ most', () => {
    const { mean, axes, variances } = familiarity;
    for (const [i, value] of mean.entries()) expect(Math.abs(value - i)).toBeLessThan(0.3);
    for (const [i, variance] of variances.slice(0, 4).entries()) {
      expect(variance / (deviations[i] ?? 0) ** 2).toBeGreaterThan(0.85);
      expect(variance / (deviations[i] ?? 0) ** 2).toBeLessThan(1.15);
      expect(Math.abs(axes[i * WIDTH + i] ?? 0)).toBeGreaterThan(0.9);
    }
  });

  it('tells pictures like those from others', () => {
    const positions = (change: (vector: Float32Array) => Float32Array) => {
      const found = Array.from({ length: 200 }, () => positionOf(change(draw(random)), familiarity));
      return { within: meanOf(found.map((p) => p.within)), beyond: meanOf(found.map((p) => p.beyond)) };
    };
    const alike = positions((vector) => vector);
    expect(alike.within).toBeCloseTo(1, 1);
    expect(alike.beyond).toBeCloseTo(1, 0);
    const far = positions((vector) => vector.map((value, i) => (i === 0 ? value + 12 : value)));
    expect(far.within).toBeGreaterThan(1.15 * alike.within);
    const unlike = positions((vector) => vector.map((value, i) => (i === WIDTH - 1 ? value + 1 : value)));
    expect(unlike.beyond).toBeGreaterThan(3 * alike.beyond);
    expect(positionOf(familiarity.mean, familiarity).within).toBe(0);
  });

  it('makes nothing of what rounding leaves of few pictures', () => {
    const picture = () => Float32Array.from({ length: 200 }, () => random.normal());
    for (const count of [10, 20, 30]) {
      const few = learnFamiliarity(Array.from({ length: count }, picture));
      expect(positionOf(picture(), few).beyond).toBe(1);
    }
  });

  it('has a place for any pictures, however few or alike', () => {
    const vectors = fc.integer({ min: 1, max: 6 }).chain((width) =>
      fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(vectors, (rows) => {
        const found = rows.map((row) => Float32Array.from(row));
        const learntFew = learnFamiliarity(found);
        for (const variance of learntFew.variances) expect(variance).toBeGreaterThan(0);
        for (const vector of found) {
          const { within, beyond } = positionOf(vector, learntFew);
          expect(within).toBeGreaterThanOrEqual(0);
          expect(beyond).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
