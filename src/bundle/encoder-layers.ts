import {
  type Activation,
  type ConvolutionLayer,
  type EncoderNetwork,
  inputsOf,
  type Layer,
  PIXELS,
  type PoolingLayer,
} from '../encoder/network.js';
import type { WeightArray } from '../weights.js';
import { toOnnxKernel } from './kernel-layout.js';
import { type ActivationShape, windowAlong } from './layer-shapes.js';
import type { OnnxGraph } from './onnx-graph.js';
import { type Precision, storeWeight } from './weight-storage.js';

/** The name under which a bundle's encoder.onnx stores a weight of the network. */
export function networkWeightName(name: string): string {
  return `network/${name}`;
}

interface Place {
  readonly graph: OnnxGraph;
  readonly network: EncoderNetwork;
  readonly shapes: ReadonlyMap<string, ActivationShape>;
  readonly precision: Precision;
}

/**
 * Writes the network's layers into the graph, in ONNX's own layout `[images, channels, height, width]`.
 * @param pixels name of the normalised image `[images, 3, height, width]`.
 * @returns the tensor of each layer by the layer's name.
 */
export function writeLayers(place: Place, pixels: string): Map<string, string> {
  const tensors = new Map([[PIXELS, pixels]]);
  for (const layer of place.network.layers) {
    const inputs = inputsOf(layer).map((name) => tensors.get(name) as string);
    tensors.set(layer.name, writeLayer(place, layer, inputs));
  }
  return tensors;
}

function writeLayer(place: Place, layer: Layer, inputs: readonly string[]): string {
  const { graph, shapes } = place;
  const input = inputs[0] as string;
  switch (layer.kind) {
    case 'convolution':
    case 'depthwiseConvolution':
      return writeActivation(graph, layer.activation, writeConvolution(place, layer, input));
    case 'dense': {
      const operands = [input, weight(place, layer.kernel)];
      if (layer.bias !== undefined) operands.push(weight(place, layer.bias));
      return writeActivation(graph, layer.activation, graph.node('Gemm', operands));
    }
    case 'maxPooling':
      return graph.node('MaxPool', [input], poolingAttributes(layer, shapes));
    case 'averagePooling':
      // As in TensorFlow the mean is over the pixels that exist: count_include_pad is 0 by default.
      return graph.node('AveragePool', [input], poolingAttributes(layer, shapes));
    case 'globalAveragePooling': {
      const mean = graph.node('GlobalAveragePool', [input]);
      return layer.keepDimensions ? mean : graph.node('Flatten', [mean], { axis: 1 });
    }
    case 'flatten':
      return graph.node('Flatten', [channelsLast(place, layer.input, input)], { axis: 1 });
    case 'add':
      return inputs.slice(1).reduce((sum, addend) => graph.node('Add', [sum, addend]), input);
    case 'concatenate':
      return graph.node('Concat', inputs, { axis: 1 });
    case 'activation':
      return writeActivation(graph, layer.activation, input);
  }
}

/** The tensor in TensorFlow's layout, whose order of values a flattened image has. */
function channelsLast(place: Place, layer: string, tensor: string): string {
  const [height, width, channels] = place.shapes.get(layer) ?? [];
  const orderMatters = channels !== undefined && channels > 1 && (height !== 1 || width !== 1);
  return orderMatters ? place.graph.node('Transpose', [tensor], { perm: [0, 2, 3, 1] }) : tensor;
}

function writeConvolution(place: Place, layer: ConvolutionLayer, input: string): string {
  const { graph, network, shapes, precision } = place;
  const kernel = network.weights.get(layer.kernel) as WeightArray;
  const stored = toOnnxKernel(kernel, layer.kind);
  const operands = [input, storeWeight(graph, networkWeightName(layer.kernel), stored, precision)];
  if (layer.bias !== undefined) operands.push(weight(place, layer.bias));
  const [rows = 1, columns = 1, channels = 1] = kernel.shape;
  const group = layer.kind === 'depthwiseConvolution' ? channels : 1;
  return graph.node('Conv', operands, {
    ...windowAttributes(shapes.get(layer.input), [rows, columns], layer, layer.dilations),
    dilations: layer.dilations,
    group,
  });
}

function poolingAttributes(layer: PoolingLayer, shapes: Place['shapes']) {
  return windowAttributes(shapes.get(layer.input), layer.size, layer);
}

/** Pads are written out because ONNX Runtime refuses `auto_pad` with dilations. */
function windowAttributes(
  input: ActivationShape | undefined,
  size: readonly [number, number],
  { strides, padding }: Pick<PoolingLayer, 'strides' | 'padding'>,
  dilations: readonly [number, number] = [1, 1],
) {
  const [height = 1, width = 1] = input ?? [];
  const down = windowAlong(height, size[0], strides[0], padding, dilations[0]);
  const across = windowAlong(width, size[1], strides[1], padding, dilations[1]);
  return { kernel_shape: size, strides, pads: [down.before, across.before, down.after, across.after] };
}

function writeActivation(graph: OnnxGraph, activation: Activation, input: string): string {
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return graph.node('Relu', [input]);
    case 'relu6':
      return graph.node('Clip', [input, graph.scalar(0), graph.scalar(6)]);
    case 'sigmoid':
      return graph.node('Sigmoid', [input]);
    case 'tanh':
      return graph.node('Tanh', [input]);
    case 'softmax':
      return graph.node('Softmax', [input], { axis: 1 });
  }
}

function weight({ graph, network, precision }: Place, name: string): string {
  return storeWeight(graph, networkWeightName(name), network.weights.get(name) as WeightArray, precision);
}
