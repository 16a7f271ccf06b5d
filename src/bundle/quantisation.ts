import { sizeOf, type WeightArray } from '../weights.js';

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

/**
 * The scales at which two values that a processor adds in 16 bits stay within them, for each channel: those without VNNI
 * multiply neighbours with bytes, add the two products, and clip the sum to 2^15 − 1 ≥ 255 · 128. Rounding adds half a step to each.
 */
export function pairScales({ shape, values }: WeightArray, axis: number): Float32Array {
  const channelOf = channels(shape, axis);
  const ofChannel: number[][] = Array.from({ length: shape[axis] ?? 1 }, () => []);
  values.forEach((value, place) => {
    ofChannel[channelOf(place)]!.push(value);
  });
  // Depthwise kernels [channels, 1, height, width] are multiplied in 32 bits.
  if (shape.length > 2 && shape[1] === 1) return new Float32Array(ofChannel.length);
  // How a window's cells are ordered is ONNX Runtime's affair: any two of them may be neighbours.
  const anyOrder = sizeOf(shape.slice(2)) > 1;
  return Float32Array.from(ofChannel, (row) => {
    const largest = (sign: number) => {
      const parts = row.map((value) => Math.max(sign * value, 0));
      if (anyOrder) parts.sort((a, b) => b - a);
      return parts.reduce(
        (most, part, i) => (i % 2 === 0 ? Math.max(most, part + (parts[i + 1] ?? 0)) : most),
        0,
      );
    };
    return Math.max(largest(1), largest(-1)) / 127;
  });
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
