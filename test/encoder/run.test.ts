import type { Scalar, Tensor, Tensor4D, Variable } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { asGrid, normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { GraphModelBuilder, INPUT, WINDOW } from '../support/graph-model.js';
import { largestDifference } from '../support/onnx-run.js';
import { tinyNetwork } from '../support/tiny-bundle.js';
import { vggLikeNetwork, writeVggLike } from '../support/vgg-like.js';

function pictures(height: number, width: number): Tensor4D {
  return tf.randomUniform([2, height, width, 3], 0, 255, 'float32', 5);
}

function variablesOf(network: EncoderNetwork): Map<string, Variable> {
  return new Map(
    [...network.weights].map(([name, { shape, values }]) => {
      const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
      return [name, variable];
    }),
  );
}

/** A loss that every value of the given outputs enters differently. */
function lossOf(outputs: readonly Tensor[]): Scalar {
  return tf.addN(
    outputs.map((output, index) =>
      tf.mul(output, tf.randomNormal(output.shape, 0, 1, 'float32', index + 1)).sum(),
    ),
  ) as Scalar;
}

/** Every kind of layer that has a gradient of its own, once. */
function everyLayer(): EncoderNetwork {
  const graph = new GraphModelBuilder();
  const fused = (name: string, operation: string, input: string, kernel: number[], outputs: number) =>
    graph.node(
      name,
      operation,
      [input, graph.weight(`${name}/kernel`, kernel), graph.weight(`${name}/bias`, [outputs])],
      { ...WINDOW, fused_ops: ['BiasAdd', 'Relu6'] },
    );
  const first = fused('first', '_FusedConv2D', 'image', [3, 3, 3, 4], 4);
  const depthwise = fused('depthwise', 'FusedDepthwiseConv2dNative', first, [3, 3, 4, 1], 4);
  const sum = graph.node('sum', 'AddV2', [first, depthwise]);
  const pooling = { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: 'VALID' };
  const maximum = graph.node('maximum', 'MaxPool', [sum], pooling);
  const average = graph.node('average', 'AvgPool', [sum], pooling);
  const joined = graph.node('joined', 'ConcatV2', [maximum, average, graph.integers('axis', [3])]);
  const tanh = graph.node('tanh', 'Tanh', [joined]);
  const mean = graph.node('mean', 'Mean', [tanh, graph.integers('axes', [1, 2])], { keep_dims: false });
  const product = graph.node('product', 'MatMul', [mean, graph.weight('dense/kernel', [8, 3])]);
  const classifier = graph.node('logits', 'BiasAdd', [product, graph.weight('dense/bias', [3])]);
  return graph.imported(tanh, { classifier });
}

describe('a VGG-like network, whose feature is a fully connected layer', () => {
  it('gives one cell a picture, the same as TensorFlow.js', async () => {
    const graph = new GraphModelBuilder();
    const { feature } = writeVggLike(graph);
    const network = vggLikeNetwork();
    const images = normalisePixels(network, pictures(32, 32));
    const expected = await graph.executed(images, feature);
    const grid = asGrid(runEncoder(network, variablesOf(network), images)[0] as Tensor);
    expect(grid.shape).toEqual([2, 1, expected.shape[1]]);
    expect(largestDifference(grid.dataSync(), expected.dataSync())).toBeLessThan(1e-4);
    // Not all cut off by the relu.
    expect(Math.max(...expected.dataSync())).toBeGreaterThan(0.1);
  });
});

describe('gradients, which TensorFlow computes in kernels of its own', () => {
  it('are those of plain operations for every layer', () => {
    const network = everyLayer();
    const variables = variablesOf(network);
    const images = normalisePixels(network, pictures(INPUT.height, INPUT.width).div(128));
    const weight = (name: string) => variables.get(name) as never;
    const plain = (): Scalar =>
      tf.tidy(() => {
        const relu6 = (input: Tensor) => tf.minimum(tf.maximum(input, 0), 6);
        const first = relu6(
          tf.add(tf.conv2d(images, weight('first/kernel'), 1, 'same'), weight('first/bias')),
        );
        const depthwise = relu6(
          tf.add(
            tf.depthwiseConv2d(first as Tensor4D, weight('depthwise/kernel'), 1, 'same'),
            weight('depthwise/bias'),
          ),
        );
        const sum = tf.add<Tensor4D>(first, depthwise);
        const joined = tf.concat([tf.maxPool(sum, 2, 2, 'valid'), tf.avgPool(sum, 2, 2, 'valid')], 3);
        const tanh = tf.tanh(joined);
        const logits = tf.add(tf.matMul(tf.mean(tanh, [1, 2]), weight('dense/kernel')), weight('dense/bias'));
        return lossOf([tanh, logits]);
      });
    const imported = (): Scalar =>
      tf.tidy(() => lossOf(runEncoder(network, variables, images, ['tanh', 'logits'])));

    const list = [...variables.values()];
    const [expected, actual] = [plain, imported].map((loss) => tf.variableGrads(loss, list));
    expect(actual?.value.dataSync()[0]).toBeCloseTo(expected?.value.dataSync()[0] as number, 2);
    expect(variables.size).toBe(6);
    for (const [name, variable] of variables) {
      const [wanted, got] = [expected, actual].map(
        (result) => result?.grads[variable.name]?.dataSync() ?? [],
      );
      const largest = Math.max(...Array.from(wanted ?? [], Math.abs));
      expect(largest, name).toBeGreaterThan(0);
      expect(largestDifference(got ?? [], wanted ?? []) / largest, name).toBeLessThan(1e-4);
    }
  });

  it('stop at ReLU6 below 0 and above 6, and nowhere else', () => {
    const layer = { kind: 'activation', name: 'out', input: 'pixels', activation: 'relu6' } as const;
    const network: EncoderNetwork = {
      name: 'relu6',
      input: INPUT,
      layers: [layer],
      feature: 'out',
      weights: new Map(),
    };
    const slope = tf.grad((images) => runEncoder(network, new Map(), images as Tensor4D)[0] as Tensor);
    const values = tf.tensor4d([-3, -0.01, 0.01, 3, 5.99, 6.01, 9], [1, 1, 1, 7]);
    expect([...slope(values).dataSync()]).toEqual([0, 0, 1, 1, 1, 0, 0]);
  });
});

describe('tensors', () => {
  it.each([
    ['convolutions', () => tinyNetwork(new Random(1)), 32],
    ['fully connected layers', vggLikeNetwork, 32],
  ])('do not pile up over images and gradients: %s', (_, make, size) => {
    const network = make();
    const variables = variablesOf(network);
    const pixels = pictures(size, size);
    const outputs = [network.feature, network.classifier ?? network.feature];
    const step = () => {
      const images = normalisePixels(network, pixels);
      tf.dispose(runEncoder(network, variables, images, outputs));
      const loss = () => tf.tidy(() => lossOf(runEncoder(network, variables, images, outputs)));
      const { value, grads } = tf.variableGrads(loss, [...variables.values()]);
      tf.dispose([value, images]);
      tf.dispose(grads);
    };
    step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is asked for', () => {
  it('is all that runs: the feature needs no classifier', () => {
    const network = tinyNetwork(new Random(1));
    const variables = variablesOf(network);
    const images = normalisePixels(network, pictures(32, 32));
    const [expected] = runEncoder(network, variables, images);
    variables.delete('logits/kernel');
    const [actual] = runEncoder(network, variables, images);
    expect([...(actual?.dataSync() ?? [])]).toEqual([...(expected?.dataSync() ?? [1])]);
  });

  it('must be a layer of the network', () => {
    const network = tinyNetwork(new Random(1));
    const images = normalisePixels(network, pictures(32, 32));
    expect(() => runEncoder(network, variablesOf(network), images, ['lost'])).toThrow(
      expect.objectContaining({ code: 'ENCODER_INVALID', expected: 'a layer named lost' }),
    );
  });
});
