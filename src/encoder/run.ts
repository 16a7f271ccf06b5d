import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { LegendaError } from '../errors.js';
import { runNativeKernel } from '../native-kernels.js';
import { tf } from '../tensorflow.js';
import {
  type Activation,
  type ConvolutionLayer,
  type EncoderNetwork,
  inputsOf,
  type Layer,
  PIXELS,
} from './network.js';

/** The network's weights as tensors by name; variables when they are trained. */
export type EncoderTensors = ReadonlyMap<string, Tensor>;

/** Pixels 0…255 as the network wants them: `(pixel − mean) / deviation`. */
export function normalisePixels(network: Pick<EncoderNetwork, 'input'>, pixels: Tensor4D): Tensor4D {
  const { mean, deviation } = network.input;
  return tf.tidy(() => pixels.toFloat().sub(mean).div<Tensor4D>(deviation));
}

/**
 * Runs the network, with gradients to its tensors when they are asked for.
 * @param images normalised, `[images, height, width, 3]`.
 * @param wanted names of layers; by default the feature.
 * @returns the wanted layers' outputs, in their order.
 */
export function runEncoder(
  network: EncoderNetwork,
  tensors: EncoderTensors,
  images: Tensor4D,
  wanted: readonly string[] = [network.feature],
): Tensor[] {
  return tf.tidy(() => {
    const outputs = new Map<string, Tensor>([[PIXELS, images]]);
    const needed = layersFor(network, wanted);
    for (const layer of needed) {
      const inputs = inputsOf(layer).map((name) => outputOf(outputs, name));
      outputs.set(layer.name, runLayer(layer, inputs, tensors));
    }
    return wanted.map((name) => outputOf(outputs, name));
  });
}

/**
 * The class logits that the network's classifier gives for features.
 * @param feature the feature layer's output. @throws `ENCODER_INVALID` if there is no classifier, or it reads more than that.
 */
export function classify(network: EncoderNetwork, tensors: EncoderTensors, feature: Tensor): Tensor2D {
  return tf.tidy(() => {
    const outputs = new Map<string, Tensor>([[network.feature, feature]]);
    const after = new Set(layersFor(network, [network.feature]));
    for (const layer of layersFor(
      network,
      network.classifier === undefined ? [] : [network.classifier],
    ).filter((needed) => !after.has(needed))) {
      const inputs = inputsOf(layer).map((name) => outputOf(outputs, name));
      outputs.set(layer.name, runLayer(layer, inputs, tensors));
    }
    const logits = outputOf(outputs, network.classifier ?? '');
    return logits.reshape([logits.shape[0] ?? 0, -1]);
  });
}

/** The feature as a grid `[images, cells, channels]`, whatever its rank. */
export function asGrid(feature: Tensor): Tensor {
  const [images = 0, ...rest] = feature.shape;
  const channels = rest.at(-1) ?? 0;
  const cells = rest.slice(0, -1).reduce((product, length) => product * length, 1);
  return feature.reshape([images, cells, channels]);
}

/** The layers that the wanted ones depend on, in order. */
export function layersFor(network: EncoderNetwork, wanted: readonly string[]): Layer[] {
  const needed = new Set(wanted);
  const layers: Layer[] = [];
  for (const layer of [...network.layers].reverse()) {
    if (!needed.has(layer.name)) continue;
    layers.unshift(layer);
    for (const input of inputsOf(layer)) needed.add(input);
  }
  return layers;
}

function outputOf(outputs: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const output = outputs.get(name);
  if (output === undefined) throw new LegendaError('ENCODER_INVALID', { expected: `a layer named ${name}` });
  return output;
}

function runLayer(layer: Layer, inputs: readonly Tensor[], tensors: EncoderTensors): Tensor {
  const weight = (name: string): Tensor => outputOf(tensors, name);
  const input = inputs[0] as Tensor;
  switch (layer.kind) {
    case 'convolution':
    case 'depthwiseConvolution': {
      const linear = convolve(layer, input as Tensor4D, weight(layer.kernel) as Tensor4D);
      const biased = layer.bias === undefined ? linear : addBias(linear, weight(layer.bias) as Tensor1D);
      return activate(biased, layer.activation);
    }
    case 'dense': {
      const product = tf.matMul(input as Tensor2D, weight(layer.kernel) as Tensor2D);
      return activate(
        layer.bias === undefined ? product : addBias(product, weight(layer.bias) as Tensor1D),
        layer.activation,
      );
    }
    case 'maxPooling':
      return tf.maxPool(input as Tensor4D, [...layer.size], [...layer.strides], layer.padding);
    case 'averagePooling':
      return tf.avgPool(input as Tensor4D, [...layer.size], [...layer.strides], layer.padding);
    case 'globalAveragePooling':
      return tf.mean(input, [1, 2], layer.keepDimensions);
    case 'flatten':
      return input.reshape([input.shape[0] ?? 0, -1]);
    case 'add':
      return tf.addN([...inputs]);
    case 'concatenate':
      return tf.concat([...inputs], -1);
    case 'activation':
      return activate(input, layer.activation);
  }
}

function convolve(layer: ConvolutionLayer, input: Tensor4D, kernel: Tensor4D): Tensor {
  const strides: [number, number] = [...layer.strides];
  const dilations: [number, number] = [...layer.dilations];
  return layer.kind === 'convolution'
    ? tf.conv2d(input, kernel, strides, layer.padding, 'NHWC', dilations)
    : tf.depthwiseConv2d(input, kernel, strides, layer.padding, 'NHWC', dilations);
}

function addBias(input: Tensor, bias: Tensor1D): Tensor {
  const add = tf.customGrad((x, b) => ({
    value: runNativeKernel('BiasAdd', [x as Tensor, b as Tensor]),
    gradFunc: (dy: Tensor) => [dy.clone(), runNativeKernel('BiasAddGrad', [dy])],
  }));
  return add(input, bias);
}

function activate(input: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return tf.relu(input);
    case 'relu6':
      return relu6(input);
    case 'sigmoid':
      return tf.sigmoid(input);
    case 'tanh':
      return tf.tanh(input);
    case 'softmax':
      return tf.softmax(input);
  }
}

/** min(max(x, 0), 6) with its gradient in one kernel instead of TF.js' four. */
function relu6(input: Tensor): Tensor {
  const apply = tf.customGrad((x, save) => {
    const value = tf.relu6(x as Tensor);
    (save as (tensors: Tensor[]) => void)([value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => runNativeKernel('Relu6Grad', [dy, saved[0] as Tensor]),
    };
  });
  return apply(input);
}
