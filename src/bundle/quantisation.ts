import type { WeightArray } from '../weights.js';

/** The least and the greatest value that eight bits are to stand for. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** Activations as bytes: value = scale · (byte − zeroPoint). */
export interface ByteScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Weights as whole numbers with a scale for each index along `axis`: value = scale · number. */
export interface QuantisedWeight {
  readonly shape: readonly number[];
  readonly numbers: Int8Array | Int32Array;
  readonly axis: number;
  readonly scales: Float32Array;
}

/** The scale whose bytes reach over the range and over 0, which they give exactly: padding is 0. */
export function byteScale({ minimum, maximum }: Range): ByteScale {
  const least = Math.min(minimum, 0);
  const scale = Math.fround((Math.max(maximum, 0) - least) / 255) || 1;
  return { scale, zeroPoint: Math.min(Math.round(-least / scale), 255) };
}

/**
 * A weight in eight bits, symmetric about 0, scaled channel by channel so that a channel of small weights keeps its digits.
 * @param axis of the channels that a product with it gives.
 * @param smallest a scale for each channel that it is not to fall below.
 */
export function quantiseWeight(
  { shape, values }: WeightArray,
  axis: number,
  smallest?: Float32Array,
): QuantisedWeight {
  const scales = new Float32Array(shape[axis] ?? 1);
  const channelOf = channels(shape, axis);
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    scales[channel] = Math.max(scales[channel]!, Math.abs(values[i]!) / 127);
  }
  for (let channel = 0; channel < scales.length; channel++) {
    scales[channel] = Math.max(scales[channel]!, smallest?.[channel] ?? 0) || 1;
  }
  const numbers = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    numbers[i] = Math.max(-127, Math.min(127, Math.round(values[i]! / scales[channelOf(i)]!)));
  }
  return { shape, numbers, axis, scales };
}

/** The values that the numbers stand for. */
export function dequantiseWeight({ shape, numbers, axis, scales }: QuantisedWeight): WeightArray {
  const channelOf = channels(shape, axis);
  return { shape, values: Float32Array.from(numbers, (number, i) => number * scales[channelOf(i)]!) };
}

/** The index along an axis of a row-major place. */
export function channels(shape: readonly number[], axis: number): (place: number) => number {
  const count = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  return (place) => Math.floor(place / inner) % count;
}
