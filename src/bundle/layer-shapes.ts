import { type EncoderNetwork, inputsOf, type Layer, type Padding, PIXELS } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { sizeOf } from '../weights.js';

/** The shape of one image's activation: `[height, width, channels]`, or `[values]`. */
export type ActivationShape = readonly number[];

/** Where a convolution or pooling window lies along one axis. */
export interface Window {
  readonly output: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Output length and padding of a window along one axis, as TensorFlow defines them: `same` gives ceil(length / stride)
 * and puts the odd pixel after.
 */
export function windowAlong(
  length: number,
  size: number,
  stride: number,
  padding: Padding,
  dilation = 1,
): Window {
  const extent = (size - 1) * dilation + 1;
  if (padding === 'valid') {
    return { output: Math.floor((length - extent) / stride) + 1, before: 0, after: 0 };
  }
  const output = Math.ceil(length / stride);
  const total = Math.max((output - 1) * stride + extent - length, 0);
  const before = Math.floor(total / 2);
  return { output, before, after: total - before };
}

/** The activation shape of every layer by name, and of the image itself. @throws `ENCODER_INVALID` if they do not fit. */
export function layerShapes(network: EncoderNetwork): Map<string, ActivationShape> {
  const shapes = new Map<string, ActivationShape>([[PIXELS, [network.input.height, network.input.width, 3]]]);
  for (const layer of network.layers) {
    const inputs = inputsOf(layer).map((name) => {
      const shape = shapes.get(name);
      if (!shape) throw invalid(`layer ${layer.name} after its input ${name}`, 'it before, or none');
      return shape;
    });
    shapes.set(layer.name, shapeOf(layer, inputs, network));
  }
  return shapes;
}

/** The shape of one image's feature: `[height, width, channels]`, or `[values]`. */
export function featureShape(network: EncoderNetwork, shapes = layerShapes(network)): ActivationShape {
  const shape = shapes.get(network.feature);
  if (!shape) throw invalid(`a feature layer named ${network.feature}`, 'none');
  return shape;
}

/** The network's feature grid, of L cells and C channels; a vector is a grid of one cell. */
export interface FeatureGrid {
  readonly cells: number;
  readonly channels: number;
  /** Cells one below the other, and side by side. */
  readonly height: number;
  readonly width: number;
}

export function featureGrid(network: EncoderNetwork, shapes = layerShapes(network)): FeatureGrid {
  const shape = featureShape(network, shapes);
  const channels = shape.at(-1) as number;
  const [height = 1, width = 1] = shape.slice(0, -1);
  return { cells: height * width, channels, height, width };
}

/** The classes that the network's classifier tells apart; 0 without one. */
export function classCount(network: EncoderNetwork): number {
  const shape = layerShapes(network).get(network.classifier ?? '');
  return shape === undefined ? 0 : sizeOf(shape);
}

function shapeOf(layer: Layer, inputs: readonly ActivationShape[], network: EncoderNetwork): ActivationShape {
  const input = inputs[0] as ActivationShape;
  const [height = 1, width = 1, channels = 1] = input;
  const demand = (fits: boolean, expected: string) => {
    if (!fits) throw invalid(expected, `layer ${layer.name} with input [${inputs.join('], [')}]`);
  };
  switch (layer.kind) {
    case 'convolution':
    case 'depthwiseConvolution': {
      const [rows = 0, columns = 0, a = 0, b = 0] = weightShape(network, layer.kernel);
      demand(input.length === 3 && a === channels, `an image with ${a} channels`);
      const down = windowAlong(height, rows, layer.strides[0], layer.padding, layer.dilations[0]);
      const across = windowAlong(width, columns, layer.strides[1], layer.padding, layer.dilations[1]);
      demand(down.output > 0 && across.output > 0, 'an image larger than the kernel');
      return [down.output, across.output, layer.kind === 'convolution' ? b : a * b];
    }
    case 'dense': {
      const [values = 0, units = 0] = weightShape(network, layer.kernel);
      demand(input.length === 1 && input[0] === values, `a vector of ${values}`);
      return [units];
    }
    case 'maxPooling':
    case 'averagePooling': {
      demand(input.length === 3, 'an image');
      const down = windowAlong(height, layer.size[0], layer.strides[0], layer.padding);
      const across = windowAlong(width, layer.size[1], layer.strides[1], layer.padding);
      demand(down.output > 0 && across.output > 0, 'an image larger than the window');
      return [down.output, across.output, channels];
    }
    case 'globalAveragePooling':
      demand(input.length === 3, 'an image');
      return layer.keepDimensions ? [1, 1, channels] : [channels];
    case 'flatten':
      return [sizeOf(input)];
    case 'add':
      demand(
        inputs.every((shape) => shape.join() === input.join()),
        'inputs of one shape',
      );
      return input;
    case 'concatenate': {
      const leading = (shape: ActivationShape) => shape.slice(0, -1).join();
      demand(
        inputs.every((shape) => shape.length === input.length && leading(shape) === leading(input)),
        'inputs alike but for the last axis',
      );
      return [...input.slice(0, -1), inputs.reduce((sum, shape) => sum + (shape.at(-1) as number), 0)];
    }
    case 'activation':
      return input;
  }
}

function weightShape(network: EncoderNetwork, name: string): readonly number[] {
  const weight = network.weights.get(name);
  if (!weight) throw invalid(`a weight named ${name}`, 'none');
  return weight.shape;
}

function invalid(expected: string, received: string): LegendaError {
  return new LegendaError('ENCODER_INVALID', { expected, received });
}
