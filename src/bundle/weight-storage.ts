import onnxProto from 'onnx-proto';
import type { WeightArray, Weights } from '../weights.js';
import { fromFloat16, toFloat16 } from './float16.js';
import type { OnnxGraph } from './onnx-graph.js';
import { dequantiseWeight, type QuantisedWeight } from './quantisation.js';

const { ModelProto, TensorProto } = onnxProto.onnx;
const { FLOAT, FLOAT16, INT8, INT32 } = TensorProto.DataType;

/**
 * How a bundle stores its weights. fp16 computes in fp32; int8 computes in eight bits where that is quicker, and stores
 * what is left as fp16 does.
 */
export type Precision = 'fp32' | 'fp16' | 'int8';

const LARGEST_HALF = 65504;

/**
 * Stores a weight in the graph under its name and returns the name of the float32 tensor that it becomes when the graph
 * is loaded. Vectors (biases) stay fp32 in every precision: they weigh next to nothing and errors in them add up. So do
 * values beyond half precision.
 */
export function storeWeight(
  graph: OnnxGraph,
  name: string,
  weight: WeightArray,
  precision: Precision,
): string {
  const { shape, values } = weight;
  const half =
    precision !== 'fp32' && shape.length > 1 && values.every((value) => Math.abs(value) <= LARGEST_HALF);
  const tensor = half ? `${name}:fp32` : name;
  if (graph.hasInitialiser(name)) return tensor;
  graph.initialiser({
    name,
    dims: [...shape],
    dataType: half ? FLOAT16 : FLOAT,
    rawData: bytesOf(half ? toFloat16(values) : values),
  });
  return half ? graph.toFloat(name, tensor) : tensor;
}

/** The constants that a quantised weight is in a graph. */
export interface StoredNumbers {
  readonly numbers: string;
  readonly scales: string;
  readonly zeros: string;
}

/** Stores whole numbers under the weight's name and beside them their scales, whose name tells the axis. */
export function storeNumbers(graph: OnnxGraph, name: string, weight: QuantisedWeight): StoredNumbers {
  const { shape, numbers, axis, scales } = weight;
  const { length } = scales;
  const [type, zeros] =
    numbers instanceof Int8Array
      ? (['int8', new Int8Array(length)] as const)
      : (['int32', new Int32Array(length)] as const);
  return {
    numbers: graph.constant(name, type, shape, numbers),
    scales: graph.constant(scalesName(name, axis), 'float', [length], scales),
    zeros: graph.constant(`zeros(${type},${length})`, type, [length], zeros),
  };
}

/** As {@link storeNumbers}. @returns the name of the float32 tensor that the numbers stand for. */
export function storeQuantised(graph: OnnxGraph, name: string, weight: QuantisedWeight): string {
  const { numbers, scales, zeros } = storeNumbers(graph, name, weight);
  return graph.node('DequantizeLinear', [numbers, scales, zeros], { axis: weight.axis });
}

function scalesName(name: string, axis: number): string {
  return `${name}:scales${axis}`;
}

/** What a model file holds besides its graph: metadata by key, and each weight as fp32 by name. */
export interface StoredModel {
  readonly metadata: ReadonlyMap<string, string>;
  readonly weights: Weights;
}

/**
 * Reads back what {@link storeWeight}, {@link storeQuantised} and the metadata put in.
 * @throws Error if the bytes are no ONNX model.
 */
export function readStoredModel(bytes: Uint8Array): StoredModel {
  const model = ModelProto.decode(bytes);
  const weights: Weights = new Map();
  const integers: (Pick<QuantisedWeight, 'shape' | 'numbers'> & { name: string })[] = [];
  for (const tensor of model.graph?.initializer ?? []) {
    const { name, dims, dataType, rawData } = tensor;
    if (!name || !rawData) continue;
    // Copied, because the values begin at any byte of the file.
    const { buffer } = Uint8Array.from(rawData);
    const shape = (dims ?? []).map(Number);
    if (dataType === FLOAT) weights.set(name, { shape, values: new Float32Array(buffer) });
    if (dataType === FLOAT16) weights.set(name, { shape, values: fromFloat16(new Uint16Array(buffer)) });
    if (dataType === INT8) integers.push({ name, shape, numbers: new Int8Array(buffer) });
    if (dataType === INT32) integers.push({ name, shape, numbers: new Int32Array(buffer) });
  }
  for (const { name, shape, numbers } of integers) {
    const axis = shape.findIndex((_, axis) => weights.has(scalesName(name, axis)));
    const scales = weights.get(scalesName(name, axis))?.values;
    if (scales !== undefined) weights.set(name, dequantiseWeight({ shape, numbers, axis, scales }));
  }
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
  return { metadata, weights };
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
