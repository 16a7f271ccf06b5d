import { describe, expect, it } from 'vitest';
import { Cholesky } from '../../src/captioner/cholesky.js';
import { Random } from '../../src/random.js';

describe('Cholesky', () => {
  it('solves equations, reading no more than the lower triangle', () => {
    const random = new Random(3);
    for (const size of [1, 2, 7]) {
      const root = Array.from({ length: size }, () => Array.from({ length: size }, () => random.normal()));
      const entry = (i: number, j: number) =>
        root[i]!.reduce((sum, value, k) => sum + value * root[j]![k]!, i === j ? 1 : 0);
      const lower = new Float64Array(size * size).fill(Number.NaN);
      for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) lower[i * size + j] = entry(i, j);
      const x = Float64Array.from({ length: size }, () => random.normal());
      const right = x.map((_, i) => x.reduce((sum, value, j) => sum + entry(i, j) * value, 0));
      const solved = new Cholesky(lower, size).solve(right);
      for (const [i, value] of x.entries()) expect(solved[i]).toBeCloseTo(value, 9);
      // L L⁻¹ = 1, in the other order too.
      const cholesky = new Cholesky(lower, size);
      const back = cholesky.backward(x);
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      expect(dot(back, right)).toBeCloseTo(dot(x, cholesky.forward(right)), 9);
    }
  });

  it('refuses a matrix that has no such factors', () => {
    for (const wrong of [[0], [-1], [Number.NaN], [1, 0, 2, 1]]) {
      expect(() => new Cholesky(Float64Array.from(wrong), Math.sqrt(wrong.length))).toThrow(
        'positive definite',
      );
    }
  });
});
