import { Random } from '../random.js';

/**
 * What pictures were like that a model learnt from: the mean of their image vectors, the directions in which these differ most,
 * and how much they differ along them and outside of them.
 */
export interface Familiarity {
  /** `[D]`. */
  readonly mean: Float32Array;
  /** Orthonormal rows, `[axes, D]`. */
  readonly axes: Float32Array;
  /** Variance along each axis, `[axes]`, all above 0. */
  readonly variances: readonly number[];
  /** Variance in all other directions together. */
  readonly remainder: number;
}

/** How a picture lies to those that were learnt from; both are about 1 for a picture like them. */
export interface Position {
  /** Along the axes, by their variances (Mahalanobis): small for a picture in which the network finds little. */
  readonly within: number;
  /** Off the axes: large for a picture unlike what was learnt from. */
  readonly beyond: number;
}

/** More tell no more of Flickr8k's and COCO's photos. */
const AXES = 32;
/** The directions of a few thousand vectors are still to three digits after these. */
const ITERATIONS = 30;
/** Variance below this share of the whole is rounding. */
const NOTHING = 1e-9;

/** @param vectors at least one, `[D]` each. */
export function learnFamiliarity(vectors: readonly Float32Array[]): Familiarity {
  const width = vectors[0]?.length ?? 0;
  const mean = meanOf(vectors, width);
  const covariance = covarianceOf(vectors, mean);
  const total = Array.from({ length: width }, (_, i) => covariance[i * width + i]!).reduce(
    (a, b) => a + b,
    0,
  );
  const directions = principalDirections(covariance, width, Math.min(AXES, width));
  const kept = directions.filter(({ variance }) => variance > NOTHING * total);
  const along = kept.reduce((sum, { variance }) => sum + variance, 0);
  const axes = new Float32Array(kept.length * width);
  for (const [index, { direction }] of kept.entries()) axes.set(direction, index * width);
  return {
    mean: Float32Array.from(mean),
    axes,
    variances: kept.map(({ variance }) => variance),
    // What is left of few pictures is rounding, by which nothing could be measured.
    remainder: total - along > NOTHING * total ? total - along : 0,
  };
}

/** @param vector `[D]`. */
export function positionOf(vector: Float32Array, familiarity: Familiarity): Position {
  const { mean, axes, variances, remainder } = familiarity;
  const width = mean.length;
  let squares = 0;
  for (let i = 0; i < width; i++) squares += (vector[i]! - mean[i]!) ** 2;
  let within = 0;
  let along = 0;
  for (const [axis, variance] of variances.entries()) {
    let product = 0;
    for (let i = 0; i < width; i++) product += (vector[i]! - mean[i]!) * axes[axis * width + i]!;
    along += product ** 2;
    within += product ** 2 / variance;
  }
  return {
    within: Math.sqrt(within / Math.max(1, variances.length)),
    beyond: remainder > 0 ? Math.sqrt(Math.max(0, squares - along) / remainder) : 1,
  };
}

function meanOf(vectors: readonly Float32Array[], width: number): Float64Array {
  const mean = new Float64Array(width);
  for (const vector of vectors) for (let i = 0; i < width; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}

/** `[D, D]`. */
function covarianceOf(vectors: readonly Float32Array[], mean: Float64Array): Float64Array {
  const width = mean.length;
  const covariance = new Float64Array(width * width);
  const difference = new Float64Array(width);
  for (const vector of vectors) {
    for (let i = 0; i < width; i++) difference[i] = vector[i]! - mean[i]!;
    for (let i = 0; i < width; i++) {
      const value = difference[i]! / vectors.length;
      for (let j = 0; j < width; j++) covariance[i * width + j]! += value * difference[j]!;
    }
  }
  return covariance;
}

/** The eigenvectors of the largest eigenvalues, largest first, by orthogonal iteration (Golub and Van Loan, 8.2.4). */
function principalDirections(matrix: Float64Array, width: number, count: number) {
  const random = new Random(1);
  let directions: Float64Array[] = Array.from({ length: count }, () =>
    Float64Array.from({ length: width }, () => random.normal()),
  );
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    directions = orthonormal(directions.map((direction) => product(matrix, direction)));
  }
  const found = directions.map((direction) => ({
    direction,
    variance: dot(direction, product(matrix, direction)),
  }));
  return found.sort((a, b) => b.variance - a.variance);
}

function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const width = vector.length;
  return Float64Array.from({ length: width }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += matrix[row * width + i]! * vector[i]!;
    return sum;
  });
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

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
