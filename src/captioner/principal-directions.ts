import { Random } from '../random.js';

/** A direction of a symmetric matrix, and how much the matrix stretches it. */
export interface PrincipalDirection {
  /** Of length 1. */
  readonly direction: Float64Array;
  readonly eigenvalue: number;
}

/** Of a vector less than this share of it is rounding. */
const NOTHING = 1e-9;

/**
 * The eigenvectors of the largest eigenvalues of a symmetric matrix without negative ones, largest first, by orthogonal iteration
 * from random directions (Golub and Van Loan, 8.2.4).
 * @param multiply the matrix times a vector, `[width]`. @param iterations some 30 for directions that are still to three digits, a
 *   few for the space they span.
 */
export function principalDirections(
  multiply: (vector: Float64Array) => Float64Array,
  width: number,
  count: number,
  iterations: number,
): PrincipalDirection[] {
  const random = new Random(1);
  let directions: Float64Array[] = Array.from({ length: count }, () =>
    Float64Array.from({ length: width }, () => random.normal()),
  );
  for (let iteration = 0; iteration < iterations; iteration++) {
    directions = orthonormal(directions.map(multiply));
  }
  const found = directions.map((direction) => ({
    direction,
    eigenvalue: dot(direction, multiply(direction)),
  }));
  return found.sort((a, b) => b.eigenvalue - a.eigenvalue);
}

/** Gram and Schmidt, each done twice so that rounding does not tilt them; a vector with nothing left becomes zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const before = Math.sqrt(dot(vector, vector));
    for (const other of [...done, ...done]) {
      const share = dot(vector, other);
      for (let i = 0; i < vector.length; i++) vector[i]! -= share * other[i]!;
    }
    const norm = Math.sqrt(dot(vector, vector));
    const scale = norm > NOTHING * before ? 1 / norm : 0;
    done.push(vector.map((value) => value * scale));
  }
  return done;
}

/** Σ_i a_i b_i. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
