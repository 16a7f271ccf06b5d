import type { WeightArray } from '../weights.js';
import type { Activation } from './activation-statistics.js';
import type { OnnxGraph } from './onnx-graph.js';
import {
  type ByteScale,
  byteScale,
  channels,
  dequantiseWeight,
  pairScales,
  type QuantisedWeight,
  quantiseWeight,
} from './quantisation.js';
import { type Precision, storeQuantised, storeWeight } from './weight-storage.js';

/** What int8 needs to know of the networks' activations, by name: made by `calibrate`. */
export type Calibration = ReadonlyMap<string, Activation>;

/** How a graph stores its weights and multiplies with them. */
export interface Arithmetic {
  readonly precision: Precision;
  /** With int8; products with activations that it does not know are in fp32. */
  readonly calibration?: Calibration | undefined;
}

/** A product of activations with weights. */
export interface Product {
  /** The activations' name in the calibration. */
  readonly activation: string;
  readonly input: string;
  readonly kernel: Named;
  /** The axis of the kernel along which the product's channels lie. */
  readonly axis: number;
  /** The input's channel that the kernel's value at a place is multiplied with. */
  readonly inputChannel: (place: number) => number;
  readonly bias?: Named | undefined;
}

interface Named {
  readonly name: string;
  readonly weight: WeightArray;
}

/** 2^30: a sum of products and bias must stay within 32 bits. */
const LARGEST_BIAS = 1 << 30;

/**
 * The tensors that the product's node takes: input, kernel and, if there is one, bias.
 *
 * In int8 each is rounded to whole numbers and then scaled back: ONNX Runtime makes one integer kernel of the three, the
 * node and the rounding of its result (Jacob et al. 2018). The mean error that the rounded kernel makes is taken off the
 * bias (Nagel et al. 2019, section 4.2).
 */
export function operands(
  graph: OnnxGraph,
  { precision, calibration }: Arithmetic,
  product: Product,
): string[] {
  const { kernel, bias } = product;
  const activation = calibration?.get(product.activation);
  if (activation === undefined) {
    return [
      product.input,
      storeWeight(graph, kernel.name, kernel.weight, precision),
      ...(bias === undefined ? [] : [storeWeight(graph, bias.name, bias.weight, precision)]),
    ];
  }
  const { scale } = byteScale(activation.range);
  const quantised = quantiseKernel(product, activation);
  const corrected = meanError(product, quantised, activation.means);
  bias?.weight.values.forEach((value, channel) => {
    corrected[channel]! += value;
  });
  const scales = quantised.scales.map((kernelScale) => scale * kernelScale);
  const rounded = {
    shape: [corrected.length],
    numbers: Int32Array.from(corrected, (value, channel) => Math.round(value / scales[channel]!)),
    axis: 0,
    scales,
  };
  // Where two layers share a bias, each has its own numbers for it: their inputs' scales differ.
  const biasName = bias?.name ?? `${kernel.name}:bias`;
  return [
    product.input,
    storeQuantised(graph, kernel.name, quantised),
    storeQuantised(
      graph,
      graph.hasInitialiser(biasName) ? `${biasName}:${product.input}` : biasName,
      rounded,
    ),
  ];
}

/** The product's kernel in eight bits. */
export function quantiseKernel({ kernel, axis, bias }: Product, { range }: Activation): QuantisedWeight {
  const { scale } = byteScale(range);
  const smallest = pairScales(kernel.weight, axis);
  bias?.weight.values.forEach((value, channel) => {
    smallest[channel] = Math.max(smallest[channel]!, Math.abs(value) / (scale * LARGEST_BIAS));
  });
  return quantiseWeight(kernel.weight, axis, smallest);
}

/** Σ (W − W′) mean(x) for each channel of the product. */
function meanError(
  { kernel, inputChannel }: Product,
  quantised: QuantisedWeight,
  means: Float32Array,
): Float32Array {
  const errors = new Float32Array(quantised.scales.length);
  const stored = dequantiseWeight(quantised).values;
  const channelOf = channels(quantised.shape, quantised.axis);
  kernel.weight.values.forEach((value, place) => {
    errors[channelOf(place)]! += (value - stored[place]!) * (means[inputChannel(place)] ?? 0);
  });
  return errors;
}

/** The activations rounded to bytes and scaled back, where the calibration knows them. */
export function rounded(
  graph: OnnxGraph,
  { calibration }: Arithmetic,
  activation: string,
  tensor: string,
): string {
  const known = calibration?.get(activation);
  if (known === undefined) return tensor;
  const constants = byteConstants(graph, byteScale(known.range));
  return graph.node('DequantizeLinear', [graph.node('QuantizeLinear', [tensor, ...constants]), ...constants]);
}

/** The scale and the zero point in a graph. */
export function byteConstants(graph: OnnxGraph, { scale, zeroPoint }: ByteScale): [string, string] {
  const zero = graph.constant(`byte(${zeroPoint})`, 'uint8', [], Uint8Array.of(zeroPoint));
  return [graph.scalar(scale), zero];
}
