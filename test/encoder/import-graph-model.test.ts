import type { Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import type { EncoderInput, EncoderNetwork } from '../../src/encoder/network.js';
import { normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { tf } from '../../src/tensorflow.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { GraphModelBuilder, INPUT, WINDOW } from '../support/graph-model.js';
import { largestDifference } from '../support/onnx-run.js';

interface Case {
  readonly what: string;
  /** Writes the model and returns the name of its feature node. */
  readonly build: (graph: GraphModelBuilder) => string;
  /** How many layers it must become: what is folded is none of its own. */
  readonly layers: number;
  readonly input?: EncoderInput;
}

const STRIDES = { strides: [1, 2, 2, 1], dilations: [1, 1, 1, 1] } as const;
const POOL = { ksize: [1, 3, 2, 1], strides: [1, 2, 3, 1] } as const;

const convolutions = (['SAME', 'VALID'] as const).flatMap((padding): Case[] => [
  {
    what: `a convolution with bias and activation fused, ${padding}`,
    layers: 1,
    build: (graph) => {
      const [kernel, bias] = [graph.weight('kernel', [3, 3, 3, 4]), graph.weight('bias', [4])];
      return graph.node('out', '_FusedConv2D', ['image', kernel, bias], {
        ...STRIDES,
        padding,
        fused_ops: ['BiasAdd', 'Relu6'],
      });
    },
  },
  {
    what: `a depthwise convolution with bias fused, two outputs a channel, ${padding}`,
    layers: 1,
    build: (graph) => {
      const [kernel, bias] = [graph.weight('kernel', [3, 3, 3, 2]), graph.weight('bias', [6])];
      return graph.node('out', 'FusedDepthwiseConv2dNative', ['image', kernel, bias], {
        ...STRIDES,
        padding,
        fused_ops: ['BiasAdd'],
      });
    },
  },
  {
    what: `maximum and average pooling, ${padding}`,
    layers: 2,
    build: (graph) => {
      const maximum = graph.node('maximum', 'MaxPool', ['image'], { ...POOL, padding });
      return graph.node('out', 'AvgPool', [maximum], { ...POOL, padding });
    },
  },
]);

const normalisations = [false, true].flatMap((depthwise) =>
  [false, true].map(
    (biased): Case => ({
      what: `batch normalisation of a ${depthwise ? 'depthwise ' : ''}convolution${biased ? ' with bias' : ''}`,
      layers: 1,
      build: (graph) => {
        const convolution = graph.convolution('convolution', 'image', [3, 3], depthwise);
        const linear = biased
          ? graph.node('biased', 'BiasAdd', [convolution, graph.weight('bias', [3])])
          : convolution;
        return graph.node('out', 'Relu', [graph.batchNormalisation('normal', linear, 3)]);
      },
    }),
  ),
);

const activations = (['Relu', 'Relu6', 'Sigmoid', 'Tanh', 'Softmax'] as const).map(
  (operation): Case => ({
    what: `a convolution, its bias and ${operation} as three operations`,
    layers: 1,
    build: (graph) => {
      const convolution = graph.convolution('convolution', 'image', [3, 4]);
      const biased = graph.node('biased', 'BiasAdd', [convolution, graph.weight('bias', [4])]);
      return graph.node('out', operation, [biased]);
    },
  }),
);

const others: readonly Case[] = [
  {
    what: 'a dilated convolution',
    layers: 1,
    build: (graph) => {
      const kernel = graph.weight('kernel', [3, 3, 3, 4]);
      return graph.node('out', 'Conv2D', ['image', kernel], { ...WINDOW, dilations: [1, 2, 2, 1] });
    },
  },
  {
    what: 'pixels brought to -1…1 by the network itself',
    layers: 1,
    input: { ...INPUT, mean: 0, deviation: 255 },
    build: (graph) => {
      const doubled = graph.node('doubled', 'Mul', ['image', graph.weight('two', [], [2])]);
      const centred = graph.node('centred', 'Sub', [doubled, graph.weight('one', [], [1])]);
      return graph.convolution('out', centred, [3, 4]);
    },
  },
  {
    what: 'pixels scaled with the constant first, then moved up',
    layers: 1,
    input: { ...INPUT, mean: 10, deviation: 20 },
    build: (graph) => {
      const moved = graph.node('moved', 'AddV2', [graph.weight('three', [1, 1, 1, 3], [3, 3, 3]), 'image']);
      const scaled = graph.node('scaled', 'Mul', [graph.weight('quarter', [], [0.25]), moved]);
      return graph.convolution('out', scaled, [3, 4]);
    },
  },
  {
    what: 'the mean over the grid, kept in four dimensions and squeezed',
    layers: 2,
    build: (graph) => {
      const axes = graph.integers('axes', [1, 2]);
      const mean = graph.node('mean', 'Mean', ['image', axes], { keep_dims: true });
      return graph.node('out', 'Squeeze', [mean], { squeeze_dims: [1, 2] });
    },
  },
  {
    what: 'the mean over the grid with its axes counted from the end',
    layers: 1,
    build: (graph) => {
      const axes = graph.integers('axes', [-2, -3]);
      return graph.node('out', 'Mean', ['image', axes], { keep_dims: false });
    },
  },
  {
    what: 'fully connected layers after a flattening, one fused and one not',
    layers: 3,
    build: (graph) => {
      const flat = graph.node('flat', 'Reshape', ['image', graph.integers('shape', [-1, 360])]);
      const [kernel, bias] = [graph.weight('kernel1', [360, 8]), graph.weight('bias1', [8])];
      const first = graph.node('first', '_FusedMatMul', [flat, kernel, bias], {
        fused_ops: ['BiasAdd', 'Relu'],
      });
      const product = graph.node('product', 'MatMul', [first, graph.weight('kernel2', [8, 5])], {
        transpose_a: false,
        transpose_b: false,
      });
      return graph.node('out', 'BiasAdd', [product, graph.weight('bias2', [5])]);
    },
  },
  {
    what: 'a sum of two branches, through operations that change nothing',
    layers: 3,
    build: (graph) => {
      const left = graph.convolution('left', 'image', [3, 4]);
      const right = graph.node('right/identity', 'Identity', [graph.convolution('right', 'image', [3, 4])]);
      return graph.node('out', 'AddV2', [left, right]);
    },
  },
  {
    what: 'branches joined along the channels',
    layers: 3,
    build: (graph) => {
      const left = graph.convolution('left', 'image', [3, 4]);
      const right = graph.node('right/relu', 'Relu', [graph.convolution('right', 'image', [3, 2])]);
      return graph.node('out', 'ConcatV2', [left, right, graph.integers('axis', [3])], { N: 2 });
    },
  },
  {
    what: 'one kernel in two layers, of which one is normalised',
    layers: 3,
    build: (graph) => {
      const kernel = graph.weight('kernel', [3, 3, 3, 4]);
      const left = graph.node('left', 'Conv2D', ['image', kernel], WINDOW);
      const normal = graph.batchNormalisation('normal', left, 4);
      const right = graph.node('right', 'Conv2D', ['image', kernel], WINDOW);
      return graph.node('out', 'AddV2', [normal, right]);
    },
  },
  {
    what: 'an activation of a convolution that another layer reads too',
    layers: 3,
    build: (graph) => {
      const linear = graph.convolution('linear', 'image', [3, 4]);
      const relu = graph.node('relu', 'Relu', [linear]);
      return graph.node('out', 'AddV2', [relu, linear]);
    },
  },
  {
    what: 'the same, read through an operation that changes nothing',
    layers: 3,
    build: (graph) => {
      const linear = graph.convolution('linear', 'image', [3, 4]);
      const relu = graph.node('relu', 'Relu', [graph.node('same', 'Identity', [linear])]);
      return graph.node('out', 'AddV2', [relu, linear]);
    },
  },
];

describe('a GraphModel sees as an imported network what it sees in TF.js', () => {
  it.each([...convolutions, ...normalisations, ...activations, ...others])(
    '$what',
    async ({ build, layers, input = INPUT }) => {
      const graph = new GraphModelBuilder();
      const network = graph.imported(build(graph), { input });
      const images = normalisePixels({ input }, pictures());
      const expected = await graph.executed(images, network.feature);
      const [actual] = seen(network);
      expect(actual?.shape).toEqual(expected.shape);
      expect(largestDifference(actual?.dataSync() ?? [], expected.dataSync())).toBeLessThan(1e-4);
      expect(network.layers).toHaveLength(layers);
    },
  );
});

describe('a feature stays as it is when the classifier goes on from it', () => {
  it.each([
    ['a linear convolution', 'linear'],
    ['one named through an operation that changes nothing', 'same'],
  ])('%s', async (_, feature) => {
    const graph = new GraphModelBuilder();
    graph.convolution('linear', 'image', [3, 4]);
    graph.node('same', 'Identity', ['linear']);
    const classifier = graph.node('relu', 'Relu', ['same']);
    const network = graph.imported(feature, { classifier });
    const outputs = seen(network, [network.feature, classifier]);
    for (const [index, name] of [feature, classifier].entries()) {
      const expected = await graph.executed(pictures(), name);
      expect(largestDifference(outputs[index]?.dataSync() ?? [], expected.dataSync())).toBeLessThan(1e-4);
    }
  });

  it('leaves out what neither the feature nor the classifier needs', () => {
    const graph = new GraphModelBuilder();
    const feature = graph.convolution('feature', 'image', [3, 4]);
    graph.node('resized', 'ResizeBilinear', [feature, graph.integers('size', [4, 4])]);
    const network = graph.imported(feature);
    expect(network.layers.map(({ name }) => name)).toEqual(['feature']);
    expect([...network.weights.keys()]).toEqual(['feature/kernel']);
  });
});

function pictures(): Tensor4D {
  return tf.randomUniform([2, INPUT.height, INPUT.width, 3], 0, 2, 'float32', 9);
}

function seen(network: EncoderNetwork, wanted = [network.feature]): Tensor[] {
  return runEncoder(network, encoderTensors(network), normalisePixels(network, pictures()), wanted);
}
