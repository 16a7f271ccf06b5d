import {
  type ActivationLayer,
  type ConvolutionLayer,
  type DenseLayer,
  type EncoderNetwork,
  inputsOf,
  type Layer,
  PIXELS,
  type PoolingLayer,
} from '../encoder/network.js';
import type { WeightArray } from '../weights.js';
import { type Arithmetic, operands, rounded } from './arithmetic.js';
import { toOnnxKernel } from './kernel-layout.js';
import { type ActivationShape, windowAlong } from './layer-shapes.js';
import type { OnnxGraph } from './onnx-graph.js';

/** The name under which a bundle's encoder.onnx stores a weight of the network. */
export function networkWeightName(name: string): string {
  return `network/${name}`;
}

type ActivatedLayer = ConvolutionLayer | DenseLayer | ActivationLayer;

interface Place {
  readonly graph: OnnxGraph;
  readonly network: EncoderNetwork;
  readonly shapes: ReadonlyMap<string, ActivationShape>;
  readonly arithmetic: Arithmetic;
}

/** The name of a layer's output in a calibration. */
export function activationName(layer: string): string {
  return `encoder/${layer}`;
}

/**
 * Writes the network's layers into the graph, in ONNX's own layout `[images, channels, height, width]`.
 * @param pixels name of the normalised image `[images, 3, height, width]`.
 * @returns the tensor of each layer by the layer's name.
 */
export function writeLayers(place: Place, pixels: string): Map<string, string> {
  const { graph, network, arithmetic } = place;
  graph.show(activationName(PIXELS), pixels);
  const tensors = new Map([[PIXELS, pixels]]);
  for (const layer of network.layers) {
    const inputs = inputsOf(layer).map((name) => tensors.get(name) as string);
    const output = writeLayer(place, layer, inputs);
    if (layer.name === network.classifier) {
      tensors.set(layer.name, output);
      continue;
    }
    graph.show(activationName(layer.name), output);
    tensors.set(layer.name, rounded(graph, arithmetic, activationName(layer.name), output));
  }
  return tensors;
}

function writeLayer(place: Place, layer: Layer, inputs: readonly string[]): string {
  const { graph, shapes } = place;
  const input = inputs[0] as string;
  switch (layer.kind) {
    case 'convolution':
    case 'depthwiseConvolution':
      return writeActivation(place, layer, writeConvolution(place, layer, input));
    case 'dense': {
      const kernel = place.network.weights.get(layer.kernel) as WeightArray;
      const [, units = 1] = kernel.shape;
      const inputChannel = (at: number) => Math.floor(at / units);
      const output = graph.node('Gemm', layerOperands(place, layer, input, kernel, 1, inputChannel));
      return writeActivation(place, layer, output);
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
      return writeActivation(place, layer, input);
  }
}

/** @param kernel in ONNX's layout. @param axis of its output channels. @param inputChannel of a place in it. */
function layerOperands(
  { graph, network, arithmetic }: Place,
  layer: ConvolutionLayer | DenseLayer,
  input: string,
  kernel: WeightArray,
  axis: number,
  inputChannel: (place: number) => number,
): string[] {
  const bias =
    layer.bias === undefined
      ? undefined
      : { name: networkWeightName(layer.bias), weight: network.weights.get(layer.bias) as WeightArray };
  return operands(graph, arithmetic, {
    activation: activationName(layer.input),
    input,
    kernel: { name: networkWeightName(layer.kernel), weight: kernel },
    axis,
    inputChannel,
    bias,
  });
}

/** The tensor in TensorFlow's layout, whose order of values a flattened image has. */
function channelsLast(place: Place, layer: string, tensor: string): string {
  const [height, width, channels] = place.shapes.get(layer) ?? [];
  const orderMatters = channels !== undefined && channels > 1 && (height !== 1 || width !== 1);
  return orderMatters ? place.graph.node('Transpose', [tensor], { perm: [0, 2, 3, 1] }) : tensor;
}

function writeConvolution(place: Place, layer: ConvolutionLayer, input: string): string {
  const { graph, network, shapes } = place;
  const kernel = network.weights.get(layer.kernel) as WeightArray;
  const [rows = 1, columns = 1, channels = 1, multiplier = 1] = kernel.shape;
  const cells = rows * columns;
  const depthwise = layer.kind === 'depthwiseConvolution';
  const inputChannel = depthwise
    ? (at: number) => Math.floor(at / cells / multiplier)
    : (at: number) => Math.floor(at / cells) % channels;
  const stored = toOnnxKernel(kernel, layer.kind);
  return graph.node('Conv', layerOperands(place, layer, input, stored, 0, inputChannel), {
    ...windowAttributes(shapes.get(layer.input), [rows, columns], layer, layer.dilations),
    dilations: layer.dilations,
    group: depthwise ? channels : 1,
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

function writeActivation(place: Place, layer: ActivatedLayer, input: string): string {
  const { graph } = place;
  switch (layer.activation) {
    case 'linear':
      return input;
    case 'relu':
      return clipsByRounding(place, layer) ? input : graph.node('Relu', [input]);
    case 'relu6':
      return clipsByRounding(place, layer)
        ? input
        : graph.node('Clip', [input, graph.scalar(0), graph.scalar(6)]);
    case 'sigmoid':
      return graph.node('Sigmoid', [input]);
    case 'tanh':
      return graph.node('Tanh', [input]);
    case 'softmax':
      return graph.node('Softmax', [input], { axis: 1 });
  }
}

/** Whether the layer's output is rounded to bytes, whose range begins where ReLU begins and does not pass where it ends. */
function clipsByRounding({ network, arithmetic }: Place, { name }: ActivatedLayer): boolean {
  return name !== network.classifier && arithmetic.calibration?.has(activationName(name)) === true;
}
