import { describe, expect, it } from 'vitest';
import { fitLogistic, type Observation, predict } from '../../src/captioner/logistic-regression.js';
import { Random } from '../../src/random.js';

function observations(count: number, probability: (values: number[]) => number): Observation[] {
  const random = new Random(2);
  return Array.from({ length: count }, () => {
    const values = [random.normal(), random.normal()];
    return { values, outcome: random.uniform() < probability(values), weight: 1 };
  });
}

describe('fitLogistic', () => {
  it('finds the probabilities that outcomes came from', () => {
    const truth = { intercept: -0.7, weights: [1.2, -0.4] };
    const found = fitLogistic(
      observations(20_000, (values) => predict(truth, values)),
      2,
    );
    expect(found.intercept).toBeCloseTo(truth.intercept, 1);
    expect(found.weights[0]).toBeCloseTo(1.2, 1);
    expect(found.weights[1]).toBeCloseTo(-0.4, 1);
  });

  it('agrees on the mean with what it saw', () => {
    const seen = observations(500, ([x = 0]) => (x > 0.5 ? 0.9 : 0.2));
    const found = fitLogistic(seen, 2);
    const predicted = seen.reduce((sum, { values }) => sum + predict(found, values), 0) / seen.length;
    const happened = seen.filter(({ outcome }) => outcome).length / seen.length;
    expect(predicted).toBeCloseTo(happened, 2);
  });

  it('takes an observation of weight 2 as two', () => {
    const seen = observations(60, ([x = 0]) => (x > 0 ? 0.8 : 0.3));
    const doubled = fitLogistic(
      seen.map((one, i) => (i < 20 ? { ...one, weight: 2 } : one)),
      2,
    );
    const repeated = fitLogistic([...seen, ...seen.slice(0, 20)], 2);
    expect(doubled.intercept).toBeCloseTo(repeated.intercept, 8);
    expect(doubled.weights[0]).toBeCloseTo(repeated.weights[0] ?? Number.NaN, 8);
  });

  it('stays off 0 and 1 where all went well, or badly, or a value decides', () => {
    for (const probability of [() => 1, () => 0, ([x = 0]: number[]) => (x > 0 ? 1 : 0)]) {
      const found = fitLogistic(observations(200, probability), 2);
      for (const values of [
        [-2, 0],
        [0, 0],
        [2, 1],
      ]) {
        const p = predict(found, values);
        expect(p).toBeGreaterThan(1e-5);
        expect(p).toBeLessThan(1 - 1e-5);
      }
    }
  });
});
