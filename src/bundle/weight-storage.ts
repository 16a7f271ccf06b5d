import onnxProto from 'onnx-proto';
import type { WeightArray, Weights } from '../weights.js';
import { fromFloat16, toFloat16 } from './float16.js';
import type { OnnxGraph } from './onnx-graph.js';

const { ModelProto, TensorProto } = onnxProto.onnx;
const { FLOAT, FLOAT16 } = TensorProto.DataType;

/** How a bundle stores its weights. It computes in fp32 whichever it is. */
export type Precision = 'fp32' | 'fp16';

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
    precision === 'fp16' && shape.length > 1 && values.every((value) => Math.abs(value) <= LARGEST_HALF);
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

/** What a model file holds besides its graph: metadata by key, and each floating-point initialiser as fp32 by name. */
export interface StoredModel {
  readonly metadata: ReadonlyMap<string, string>;
  readonly weights: Weights;
}

/** Reads back what {@link storeWeight} and the metadata put in. @throws Error if the bytes are no ONNX model. */
export function readStoredModel(bytes: Uint8Array): StoredModel {
  const model = ModelProto.decode(bytes);
  const weights: Weights = new Map();
  for (const tensor of model.graph?.initializer ?? []) {
    const { name, dims, dataType, rawData } = tensor;
    if (!name || !rawData || (dataType !== FLOAT && dataType !== FLOAT16)) continue;
    // Copied, because the values begin at any byte of the file.
    const { buffer } = Uint8Array.from(rawData);
    const values = dataType === FLOAT16 ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
    weights.set(name, { shape: (dims ?? []).map(Number), values });
  }
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
  return { metadata, weights };
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
