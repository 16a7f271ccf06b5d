import { Cholesky } from './cholesky.js';

/** p = 1 / (1 + exp(−intercept − Σ_f weight_f · x_f)). */
export interface LogisticModel {
  readonly intercept: number;
  readonly weights: readonly number[];
}

export interface Observation {
  readonly values: readonly number[];
  readonly outcome: boolean;
  /** How much it counts. */
  readonly weight: number;
}

/** As if each weight had been drawn from a normal distribution of variance 1: a handful of observations tells little. */
const PENALTY = 1;
const ITERATIONS = 25;
const PRECISION = 1e-10;

/**
 * Logistic regression with a quadratic penalty, by Newton's method (iteratively reweighted least squares). One good and one bad
 * observation in the middle are added, so that probabilities stay off 0 and 1 however one-sided the observations are.
 * @param observations of equally many values, each of mean 0 and deviation 1 or so.
 */
export function fitLogistic(observations: readonly Observation[], width: number): LogisticModel {
  const middle = new Array<number>(width).fill(0);
  const all = [
    ...observations,
    { values: middle, outcome: true, weight: 1 },
    { values: middle, outcome: false, weight: 1 },
  ];
  const size = width + 1;
  let parameters = new Float64Array(size);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let i = 1; i < size; i++) {
      gradient[i] = PENALTY * parameters[i]!;
      hessian[i * size + i] = PENALTY;
    }
    for (const { values, outcome, weight } of all) {
      const row = [1, ...values];
      const probability = sigmoid(row.reduce((sum, value, i) => sum + value * parameters[i]!, 0));
      const error = weight * (probability - (outcome ? 1 : 0));
      const curvature = weight * probability * (1 - probability);
      for (let i = 0; i < size; i++) {
        gradient[i]! += error * row[i]!;
        for (let j = 0; j < size; j++) hessian[i * size + j]! += curvature * row[i]! * row[j]!;
      }
    }
    const step = new Cholesky(hessian, size).solve(gradient);
    parameters = parameters.map((value, i) => value - step[i]!);
    if (Math.max(...step.map(Math.abs)) < PRECISION) break;
  }
  const [intercept = 0, ...weights] = parameters;
  return { intercept, weights };
}

export function predict({ intercept, weights }: LogisticModel, values: readonly number[]): number {
  return sigmoid(weights.reduce((sum, weight, index) => sum + weight * values[index]!, intercept));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
