import { stat } from 'node:fs/promises';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-node';
import { LegendaError } from '../errors.js';
import { tf } from '../tensorflow.js';
import type { WeightArray } from '../weights.js';
import { importGraphModel } from './from-graph-model.js';
import type { EncoderNetwork } from './network.js';

/** Where MobileNetV2's published graphs keep the feature grid and the logits. */
const MOBILENET_V2 = {
  feature: 'module_apply_default/MobilenetV2/Conv_1/Relu6',
  classifier: 'module_apply_default/MobilenetV2/Logits/output',
};

export interface GraphModelOptions {
  readonly name: string;
  /** Height and width of the input, pixels. */
  readonly size: number;
  readonly mean: number;
  readonly deviation: number;
  readonly feature: string;
  readonly classifier?: string;
}

/**
 * Reads a TF.js GraphModel from its `model.json`.
 * @throws `ENCODER_INVALID` when there is none; the errors of `importGraphModel`.
 */
export async function loadGraphModelFile(
  modelJson: string,
  options: GraphModelOptions,
): Promise<EncoderNetwork> {
  const found = await stat(modelJson).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new LegendaError('ENCODER_INVALID', { expected: "a GraphModel's model.json", received: modelJson });
  }
  const artifacts = await tf.io.fileSystem(modelJson).load?.();
  if (artifacts?.weightData === undefined) {
    throw new LegendaError('ENCODER_INVALID', { expected: 'a GraphModel with weights', received: modelJson });
  }
  const data = tf.io.CompositeArrayBuffer.join(artifacts.weightData);
  const tensors = tf.io.decodeWeights(data, artifacts.weightSpecs ?? []);
  return importTensors(artifacts.modelTopology, tensors, options);
}

/** The published MobileNet v2 of `@tensorflow-models/mobilenet`, which downloads it. @param alpha its width. */
export async function loadStockMobileNet(alpha: 0.5 | 0.75 | 1): Promise<EncoderNetwork> {
  const { load } = await import('@tensorflow-models/mobilenet');
  const loaded = (await load({ version: 2, alpha })) as unknown as { model: LoadedGraphModel };
  const tensors: NamedTensorMap = {};
  for (const [name, [tensor]] of Object.entries(loaded.model.weights)) if (tensor) tensors[name] = tensor;
  // The published files take pixels in 0…1.
  return importTensors(loaded.model.artifacts.modelTopology, tensors, {
    name: `mobilenet-v2-${alpha.toFixed(2)}`,
    size: 224,
    mean: 0,
    deviation: 255,
    ...MOBILENET_V2,
  });
}

/** What is read of a `tf.GraphModel`; its topology is not part of the public type. */
interface LoadedGraphModel {
  readonly weights: Readonly<Record<string, readonly Tensor[]>>;
  readonly artifacts: { readonly modelTopology?: unknown };
}

/** Imports and frees the tensors. */
function importTensors(
  topology: unknown,
  tensors: NamedTensorMap,
  options: GraphModelOptions,
): EncoderNetwork {
  const constants = new Map<string, WeightArray>();
  for (const [name, tensor] of Object.entries(tensors)) {
    constants.set(name, { shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) });
  }
  tf.dispose(tensors);
  const { size, mean, deviation, ...rest } = options;
  return importGraphModel({
    ...rest,
    topology,
    constants,
    input: { height: size, width: size, mean, deviation },
  });
}
