import type { Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { writeEncoderGraph } from '../../src/bundle/encoder-graph.js';
import { writeLayers } from '../../src/bundle/encoder-layers.js';
import { layerShapes } from '../../src/bundle/layer-shapes.js';
import { OnnxGraph } from '../../src/bundle/onnx-graph.js';
import type {
  Activation,
  ConvolutionLayer,
  EncoderNetwork,
  Layer,
  PoolingLayer,
} from '../../src/encoder/network.js';
import { asGrid, normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { float32, largestDifference, openModel, uint8 } from '../support/onnx-run.js';
import { ReferenceDecoder } from '../support/reference-decoder.js';
import { randomWeight, tinyContents } from '../support/tiny-bundle.js';

const TOLERANCE = 1e-5;
const random = new Random(3);

const convolution = {
  kind: 'convolution',
  name: 'out',
  input: 'pixels',
  kernel: 'kernel',
  bias: 'bias',
  strides: [1, 1],
  dilations: [1, 1],
  padding: 'same',
  activation: 'linear',
} as const satisfies ConvolutionLayer;
const pooling = {
  kind: 'maxPooling',
  name: 'out',
  input: 'pixels',
  size: [3, 3],
  strides: [2, 2],
  padding: 'same',
} as const satisfies PoolingLayer;

interface Case {
  readonly what: string;
  readonly layers: readonly Layer[];
  readonly kernel?: readonly number[];
  readonly size?: readonly [number, number];
}

const depthwise = { ...convolution, kind: 'depthwiseConvolution' } as const;
const sizes = [
  [8, 8],
  [7, 7],
  [9, 6],
] as const;
const paddings = ['same', 'valid'] as const;

const windows = sizes.flatMap((size) =>
  paddings.flatMap((padding): Case[] => {
    const at = `${padding} padding of ${size.join('x')}`;
    const stride2 = { padding, strides: [2, 2] } as const;
    return [
      { what: `convolution, ${at}`, size, kernel: [3, 3, 3, 4], layers: [{ ...convolution, padding }] },
      {
        what: `convolution, stride 2, ${at}`,
        size,
        kernel: [3, 3, 3, 4],
        layers: [{ ...convolution, ...stride2 }],
      },
      {
        what: `convolution 2x5, strides 3 and 2, ${at}`,
        size,
        kernel: [2, 5, 3, 4],
        layers: [{ ...convolution, padding, strides: [3, 2] }],
      },
      {
        what: `convolution 1x1, stride 2, ${at}`,
        size,
        kernel: [1, 1, 3, 4],
        layers: [{ ...convolution, ...stride2 }],
      },
      {
        what: `dilated convolution, ${at}`,
        size,
        kernel: [3, 3, 3, 4],
        layers: [{ ...convolution, padding, dilations: [2, 2] }],
      },
      {
        what: `depthwise convolution, stride 2, ${at}`,
        size,
        kernel: [3, 3, 3, 1],
        layers: [{ ...depthwise, ...stride2 }],
      },
      {
        what: `depthwise convolution, two a channel, ${at}`,
        size,
        kernel: [3, 2, 3, 2],
        layers: [{ ...depthwise, padding }],
      },
      { what: `maximum, ${at}`, size, layers: [{ ...pooling, padding }] },
      { what: `average, ${at}`, size, layers: [{ ...pooling, kind: 'averagePooling', padding }] },
    ];
  }),
);

const activations = (['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'softmax'] as const).flatMap(
  (activation: Activation): Case[] => [
    {
      what: `convolution with ${activation}`,
      kernel: [3, 3, 3, 4],
      layers: [{ ...convolution, activation }],
    },
    {
      what: `${activation} alone`,
      layers: [{ kind: 'activation', name: 'out', input: 'pixels', activation }],
    },
  ],
);

const { bias: _, ...unbiased } = convolution;
const first = { ...convolution, name: 'first' };
const flatten = { kind: 'flatten', name: 'flat', input: 'pixels' } as const;
const others: readonly Case[] = [
  { what: 'convolution without bias', kernel: [3, 3, 3, 4], layers: [unbiased] },
  { what: 'flatten', layers: [{ ...flatten, name: 'out' }] },
  {
    what: 'dense',
    kernel: [3 * 5 * 4, 4],
    size: [5, 4],
    layers: [
      flatten,
      { kind: 'dense', name: 'out', input: 'flat', kernel: 'kernel', bias: 'bias', activation: 'relu' },
    ],
  },
  {
    what: 'global average',
    layers: [{ kind: 'globalAveragePooling', name: 'out', input: 'pixels', keepDimensions: false }],
  },
  {
    what: 'global average that keeps its dimensions',
    layers: [{ kind: 'globalAveragePooling', name: 'out', input: 'pixels', keepDimensions: true }],
  },
  {
    what: 'sum of three',
    kernel: [3, 3, 3, 3],
    layers: [first, { kind: 'add', name: 'out', inputs: ['pixels', 'first', 'pixels'] }],
  },
  {
    what: 'channels joined',
    kernel: [3, 3, 3, 4],
    layers: [first, { kind: 'concatenate', name: 'out', inputs: ['first', 'pixels'] }],
  },
  {
    what: 'vectors joined',
    layers: [
      flatten,
      { kind: 'globalAveragePooling', name: 'mean', input: 'pixels', keepDimensions: false },
      { kind: 'concatenate', name: 'out', inputs: ['mean', 'flat'] },
    ],
  },
];

describe('each layer gives in ONNX Runtime what it gave in TensorFlow, where it was trained', () => {
  it.each([...windows, ...activations, ...others])('$what', async ({ layers, kernel, size = [6, 6] }) => {
    const network = networkOf(layers, size, kernel);
    const image = tf.randomNormal([2, ...size, 3], 0, 4, 'float32', 5) as Tensor4D;
    const expected = runEncoder(network, encoderTensors(network), image, ['out'])[0] as Tensor;
    const output = await runLayers(network, image);
    expect(output.shape).toEqual(expected.shape);
    expect(largestDifference(output.values, expected.dataSync())).toBeLessThan(TOLERANCE);
  });
});

function networkOf(
  layers: readonly Layer[],
  [height, width]: readonly [number, number],
  kernel: readonly number[] | undefined,
): EncoderNetwork {
  const weights = new Map();
  if (kernel) {
    const [a = 0, b = 0] = kernel.slice(-2);
    const outputs = layers.some((layer) => layer.kind === 'depthwiseConvolution') ? a * b : b;
    weights.set('kernel', randomWeight(kernel, random, 0.3));
    weights.set('bias', randomWeight([outputs], random, 0.5));
  }
  return { name: 'one', input: { height, width, mean: 0, deviation: 1 }, layers, feature: 'out', weights };
}

/** The layers alone, their output in TensorFlow's layout. */
async function runLayers(network: EncoderNetwork, image: Tensor4D) {
  const graph = new OnnxGraph('layers');
  const shapes = layerShapes(network);
  const input = graph.node('Transpose', [graph.input('image', 'float', image.shape)], { perm: [0, 3, 1, 2] });
  const tensor = writeLayers({ graph, network, shapes, arithmetic: { precision: 'fp32' } }, input).get(
    'out',
  ) as string;
  const shape = shapes.get('out') ?? [];
  if (shape.length === 3) graph.node('Transpose', [tensor], { perm: [0, 2, 3, 1] }, 'output');
  else graph.node('Identity', [tensor], {}, 'output');
  graph.output('output', [image.shape[0], ...shape]);
  const { run } = await openModel(graph.encode());
  return (await run({ image: float32(image.dataSync(), ...image.shape) })).output!;
}

describe('encoder.onnx', () => {
  it.each(['fp32', 'fp16'] as const)(
    'sees in pixels what TensorFlow sees, stored as %s',
    async (precision) => {
      const { encoder, configuration, decoder } = tinyContents();
      const bytes = Uint8Array.from({ length: 3 * 32 * 32 * 3 }, () => random.integer(256));
      const model = await openModel(writeEncoderGraph(encoder, configuration, decoder, { precision }));
      const outputs = await model.run({ pixels: uint8(bytes, 3, 32, 32, 3) });

      const images = normalisePixels(encoder, tf.tensor4d(bytes, [3, 32, 32, 3]));
      const [feature, logits] = runEncoder(encoder, encoderTensors(encoder), images, [
        'second',
        'logits',
      ]) as [Tensor, Tensor];
      const grids = asGrid(feature).arraySync() as number[][][];
      const reference = new ReferenceDecoder(configuration, decoder);
      const memory = grids.flatMap((grid) => reference.encode(grid).memory.flat());
      const tolerance = precision === 'fp32' ? TOLERANCE : 0.05;
      expect(largestDifference(outputs.memory!.values, memory)).toBeLessThan(tolerance);
      expect(largestDifference(outputs.classLogits!.values, logits.dataSync())).toBeLessThan(tolerance);
      expect(outputs.classLogits!.shape).toEqual([3, 5]);
    },
  );
});

describe('an encoder whose layers do not fit is refused, naming the layer', () => {
  const kernel = [3, 3, 3, 4] as const;
  it.each<[string, readonly Layer[], string]>([
    ['an unknown input', [{ ...convolution, input: 'nowhere' }], 'nowhere'],
    ['a missing kernel', [{ ...convolution, kernel: 'lost' }], 'lost'],
    ['a kernel for other channels', [first, { ...convolution, input: 'first' }], 'layer out'],
    [
      'a sum of unlike shapes',
      [first, { kind: 'add', name: 'out', inputs: ['first', 'pixels'] }],
      'layer out',
    ],
    ['an image that is too small', [{ ...pooling, size: [9, 9], padding: 'valid' }], 'layer out'],
  ])('%s', (_, layers, named) => {
    const write = () => layerShapes(networkOf(layers, [6, 6], kernel));
    expect(write).toThrow(expect.objectContaining({ code: 'ENCODER_INVALID' }));
    expect(write).toThrow(named);
  });
});
