/** A named array of weights outside any engine: row-major float32 values and their shape. */
export interface WeightArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The weights of a network by name, in the order in which they are stored. */
export type Weights = Map<string, WeightArray>;

/** The number of values that an array of this shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
