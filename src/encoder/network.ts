import type { Weights } from '../weights.js';

/**
 * The encoder's one form: a short list of layers with named weights. It is imported from a TF.js GraphModel or read
 * back from a bundle, run with gradients in TF.js, and written to ONNX.
 *
 * Activations are NHWC (`[images, height, width, channels]`) or, after pooling or flattening, `[images, values]`.
 * Convolution kernels are `[height, width, in, out]`, depthwise kernels `[height, width, channels, multiplier]`, dense
 * kernels `[in, out]`, biases `[out]`. Batch normalisation is folded into kernel and bias.
 */
export interface EncoderNetwork {
  readonly name: string;
  readonly input: EncoderInput;
  /** In the order of execution; each layer's inputs are earlier layers, or `'pixels'` for the normalised image. */
  readonly layers: readonly Layer[];
  /** The layer whose output is the feature grid: `[images, height, width, channels]` or `[images, channels]`. */
  readonly feature: string;
  /** The layer whose output is the class logits `[images, classes]`, if the network has a classifier. */
  readonly classifier?: string;
  readonly weights: Weights;
}

export interface EncoderInput {
  readonly height: number;
  readonly width: number;
  /** Pixels 0…255 become `(pixel − mean) / deviation`. */
  readonly mean: number;
  readonly deviation: number;
}

/** The name that a layer's input has when it is the normalised image itself. */
export const PIXELS = 'pixels';

export type Activation = 'linear' | 'relu' | 'relu6' | 'sigmoid' | 'tanh' | 'softmax';
export type Padding = 'same' | 'valid';

export interface ConvolutionLayer {
  readonly kind: 'convolution' | 'depthwiseConvolution';
  readonly name: string;
  readonly input: string;
  /** Names in `weights`. */
  readonly kernel: string;
  readonly bias?: string;
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** `same` pads as TensorFlow does: the odd pixel at the bottom and right (ONNX `SAME_UPPER`). */
  readonly padding: Padding;
  readonly activation: Activation;
}

export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly input: string;
  readonly kernel: string;
  readonly bias?: string;
  readonly activation: Activation;
}

export interface PoolingLayer {
  readonly kind: 'maxPooling' | 'averagePooling';
  readonly name: string;
  readonly input: string;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

/** The mean over height and width: `[n, h, w, c]` -> `[n, 1, 1, c]` with `keepDimensions`, else `[n, c]`. */
export interface GlobalAveragePoolingLayer {
  readonly kind: 'globalAveragePooling';
  readonly name: string;
  readonly input: string;
  readonly keepDimensions: boolean;
}

/** `[n, …]` -> `[n, values]`. */
export interface FlattenLayer {
  readonly kind: 'flatten';
  readonly name: string;
  readonly input: string;
}

/** The sum of its inputs, all of one shape. */
export interface AddLayer {
  readonly kind: 'add';
  readonly name: string;
  readonly inputs: readonly string[];
}

/** Its inputs joined along the last axis (channels). */
export interface ConcatenateLayer {
  readonly kind: 'concatenate';
  readonly name: string;
  readonly inputs: readonly string[];
}

export interface ActivationLayer {
  readonly kind: 'activation';
  readonly name: string;
  readonly input: string;
  readonly activation: Activation;
}

export type Layer =
  | ConvolutionLayer
  | DenseLayer
  | PoolingLayer
  | GlobalAveragePoolingLayer
  | FlattenLayer
  | AddLayer
  | ConcatenateLayer
  | ActivationLayer;

/** The layer's inputs by name, whatever its kind. */
export function inputsOf(layer: Layer): readonly string[] {
  return 'inputs' in layer ? layer.inputs : [layer.input];
}
