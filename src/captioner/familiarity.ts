import { principalDirections } from './principal-directions.js';

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
  const multiply = (vector: Float64Array) => product(covariance, vector);
  const directions = principalDirections(multiply, width, Math.min(AXES, width), ITERATIONS);
  const kept = directions.filter(({ eigenvalue }) => eigenvalue > NOTHING * total);
  const along = kept.reduce((sum, { eigenvalue }) => sum + eigenvalue, 0);
  const axes = new Float32Array(kept.length * width);
  for (const [index, { direction }] of kept.entries()) axes.set(direction, index * width);
  return {
    mean: Float32Array.from(mean),
    axes,
    variances: kept.map(({ eigenvalue }) => eigenvalue),
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

function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const width = vector.length;
  return Float64Array.from({ length: width }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += matrix[row * width + i]! * vector[i]!;
    return sum;
  });
}
