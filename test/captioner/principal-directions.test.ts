import { describe, expect, it } from 'vitest';
import { principalDirections } from '../../src/captioner/principal-directions.js';

/** diag(5, 3, 2, 0) turned by 30 degrees in the plane of the first two axes. */
function multiply(vector: Float64Array): Float64Array {
  const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const [x = 0, y = 0, z = 0] = vector;
  const [a, b] = [5 * (cos * x + sin * y), 3 * (cos * y - sin * x)];
  return Float64Array.of(cos * a - sin * b, sin * a + cos * b, 2 * z, 0);
}

describe('principalDirections', () => {
  it('are the eigenvectors of the largest eigenvalues, largest first', () => {
    const found = principalDirections(multiply, 4, 3, 60);
    expect(found.map(({ eigenvalue }) => eigenvalue)).toEqual(
      [5, 3, 2].map((value) => expect.closeTo(value, 6)),
    );
    const first = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6), 0, 0];
    const along = found[0]!.direction.reduce((sum, value, i) => sum + value * first[i]!, 0);
    expect(Math.abs(along)).toBeCloseTo(1, 6);
  });

  it('are of no length where the matrix makes nothing of any', () => {
    const [nothing] = principalDirections((vector) => vector.map(() => 0), 3, 1, 2);
    expect([...nothing!.direction]).toEqual([0, 0, 0]);
  });
});
