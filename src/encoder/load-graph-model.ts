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

/** The size that MobileNetV2's published weights were trained at, pixels. */
const MOBILENET_SIZE = 224;

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
 * @throws `ENCODER_INVALID` naming the file when it or its weights cannot be read; the errors of `importGraphModel`.
 */
export async function loadGraphModelFile(
  modelJson: string,
  options: GraphModelOptions,
): Promise<EncoderNetwork> {
  const { topology, tensors } = await readFiles(modelJson).catch((cause: unknown) => {
    throw new LegendaError('ENCODER_INVALID', {
      expected: "a TF.js GraphModel's model.json with its weight files beside it",
      received: `${modelJson} (${firstLine(cause)})`,
      cause,
    });
  });
  return importTensors(topology, tensors, options);
}

/**
 * The published MobileNet v2 of `@tensorflow-models/mobilenet`, which downloads it. The classifier's pooling is made for
 * one size: with another there is none.
 * @param alpha its width. @param size height and width of the input, pixels.
 * @throws `ENCODER_UNAVAILABLE` when it cannot be downloaded.
 */
export async function loadStockMobileNet(alpha: 0.5 | 0.75 | 1, size: number): Promise<EncoderNetwork> {
  const model = await downloadMobileNet(alpha);
  const tensors: NamedTensorMap = {};
  for (const [name, [tensor]] of Object.entries(model.weights)) if (tensor) tensors[name] = tensor;
  const { feature, classifier } = MOBILENET_V2;
  // The published files take pixels in 0…1.
  return importTensors(model.artifacts.modelTopology, tensors, {
    name: `mobilenet-v2-${alpha.toFixed(2)}`,
    size,
    mean: 0,
    deviation: 255,
    feature,
    ...(size === MOBILENET_SIZE ? { classifier } : {}),
  });
}

async function readFiles(modelJson: string): Promise<{ topology: unknown; tensors: NamedTensorMap }> {
  const artifacts = await tf.io.fileSystem(modelJson).load?.();
  if (artifacts?.weightData === undefined) throw new Error('it names no weights');
  const data = tf.io.CompositeArrayBuffer.join(artifacts.weightData);
  return {
    topology: artifacts.modelTopology,
    tensors: tf.io.decodeWeights(data, artifacts.weightSpecs ?? []),
  };
}

/** What is read of a `tf.GraphModel`; its topology is not part of the public type. */
interface LoadedGraphModel {
  readonly weights: Readonly<Record<string, readonly Tensor[]>>;
  readonly artifacts: { readonly modelTopology?: unknown };
}

async function downloadMobileNet(alpha: 0.5 | 0.75 | 1): Promise<LoadedGraphModel> {
  try {
    const { load } = await import('@tensorflow-models/mobilenet');
    const { model } = (await load({ version: 2, alpha })) as unknown as { model: LoadedGraphModel };
    return model;
  } catch (cause) {
    throw new LegendaError('ENCODER_UNAVAILABLE', {
      expected: `MobileNet v2 of width ${alpha}, which the package @tensorflow-models/mobilenet downloads`,
      received: firstLine(cause),
      advice:
        'install the package and check the connection, or name a local model.json with encoder.source, or start from a ' +
        'trained model with --init models/default',
      cause,
    });
  }
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

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
