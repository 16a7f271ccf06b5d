import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layerShapes } from '../../src/bundle/layer-shapes.js';
import { EFFICIENTNET_LITE_NAMES, efficientNetLite } from '../../src/encoder/efficientnet-lite.js';
import { ENCODER_FILE, readEncoderFolder } from '../../src/encoder/encoder-folder.js';
import { encoderCache } from '../../src/encoder/load-efficientnet-lite.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { sizeOf, type Weights } from '../../src/weights.js';
import { type LiteStage, liteStages, liteStateDict } from '../support/efficientnet-lite-weights.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { largestDifference } from '../support/onnx-run.js';

const NARROW = { stem: 4, expansion: 6, head: 24, classes: 7 };
const PUBLISHED = { stem: 32, expansion: 6, head: 1280, classes: 1000 };
const TOLERANCE = 1e-3;

/** The pictures of scripts/reference-encoders.py: coloured squares with a shade over them, `[2, size, size, 3]`. */
function pictures(size: number): Tensor4D {
  const values = Float32Array.from({ length: 2 * size * size * 3 }, (_, place) => {
    const channel = place % 3;
    const x = Math.floor(place / 3) % size;
    const y = Math.floor(place / 3 / size) % size;
    const number = Math.floor(place / 3 / size / size);
    const square = Math.floor(x / 24) * 73 + Math.floor(y / 24) * 151 + channel * 199 + number * 37;
    const shade = Math.floor((x * (channel + 1) + y * (number + 1)) / 8) % 128;
    return Math.floor(((square * 40503) % 65536) / 512) + shade;
  });
  return tf.tensor4d(values, [2, size, size, 3]);
}

/** Feature and logits. */
function outputsOf(network: EncoderNetwork, images: Tensor4D): [Tensor, Tensor] {
  const tensors = encoderTensors(network);
  const wanted = [network.feature, network.classifier as string];
  const outputs = runEncoder(network, tensors, normalisePixels(network, images), wanted);
  tf.dispose([...tensors.values()]);
  return outputs as [Tensor, Tensor];
}

/** The network as PyTorch's names have it: convolution, batch normalisation, ReLU6 one after the other, nothing folded. */
function unfolded(stages: readonly LiteStage[], weights: Weights, images: Tensor4D): [Tensor, Tensor] {
  const values = (name: string) => tf.tensor1d(weights.get(name)!.values);
  const kernel = (name: string, order: number[]) => {
    const { shape, values } = weights.get(`${name}.weight`)!;
    return tf.tensor(values, [...shape]).transpose<Tensor4D>(order);
  };
  const normalised = (input: Tensor4D, name: string) =>
    tf.batchNorm(
      input,
      values(`${name}.running_mean`),
      values(`${name}.running_var`),
      values(`${name}.bias`),
      values(`${name}.weight`),
      1e-3,
    ) as Tensor4D;
  const convolution = (input: Tensor4D, name: string, normalisation: string, stride = 1) =>
    normalised(tf.conv2d(input, kernel(name, [2, 3, 1, 0]), stride, 'same'), normalisation);

  let output = tf.relu6(convolution(images.sub(127).div(128), '_conv_stem', '_bn0', 2)) as Tensor4D;
  let index = 0;
  for (const [stage, { blocks, stride }] of stages.entries()) {
    for (let block = 0; block < blocks; block++, index++) {
      const name = `_blocks.${index}`;
      const step = block === 0 ? stride : 1;
      const input = output;
      if (stage > 0) output = tf.relu6(convolution(output, `${name}._expand_conv`, `${name}._bn0`));
      const seen = tf.depthwiseConv2d(output, kernel(`${name}._depthwise_conv`, [2, 3, 0, 1]), step, 'same');
      output = convolution(
        tf.relu6(normalised(seen, `${name}._bn1`)),
        `${name}._project_conv`,
        `${name}._bn2`,
      );
      if (block > 0) output = output.add(input);
    }
  }
  const feature = tf.relu6(convolution(output, '_conv_head', '_bn1'));
  const { shape, values: dense } = weights.get('_fc.weight')!;
  const logits = feature
    .mean([1, 2])
    .matMul(tf.tensor2d(dense, shape as [number, number]), false, true)
    .add(values('_fc.bias'));
  return [feature, logits];
}

describe.each(EFFICIENTNET_LITE_NAMES)('%s', (name) => {
  const grid = name === 'efficientnet-lite0' ? 7 : 9;

  it('gives with folded weights what it gives without', () => {
    const stages = liteStages(name, 8);
    const weights = liteStateDict(stages, NARROW, new Random(3));
    const network = efficientNetLite(name, weights);
    const images = pictures(network.input.height);
    const [feature, logits] = outputsOf(network, images);
    const [expectedFeature, expectedLogits] = tf.tidy(() => unfolded(stages, weights, images));
    expect(feature.shape).toEqual([2, grid, grid, NARROW.head]);
    // Else there is nothing to compare.
    expect(Math.max(...feature.dataSync())).toBeGreaterThan(0.5);
    expect(largestDifference(feature.dataSync(), expectedFeature.dataSync())).toBeLessThan(TOLERANCE);
    expect(largestDifference(logits.dataSync(), expectedLogits.dataSync())).toBeLessThan(TOLERANCE);
  });

  it('has the published form and size', () => {
    const weights = liteStateDict(liteStages(name), PUBLISHED);
    const network = efficientNetLite(name, weights);
    const shapes = layerShapes(network);
    expect(shapes.get(network.feature)).toEqual([grid, grid, 1280]);
    expect(shapes.get(network.classifier ?? '')).toEqual([1000]);
    const parameters = [...network.weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    // The authors give 4.7 and 6.1 million; where batch normalisation is folded in, two values a channel become one.
    expect((parameters / 1e6).toFixed(1)).toBe(name === 'efficientnet-lite0' ? '4.6' : '6.1');
  });

  it('names a weight that is missing', () => {
    const weights = liteStateDict(liteStages(name, 8), NARROW, new Random(3));
    weights.delete('_blocks.4._bn1.running_var');
    expect(() => efficientNetLite(name, weights)).toThrow(
      expect.objectContaining({
        code: 'ENCODER_INVALID',
        message: expect.stringContaining('_blocks.4._bn1.running_var'),
      }),
    );
  });

  it('sees what the original sees', async ({ skip }) => {
    const folder = encoderCache(name);
    if (!existsSync(join(folder, ENCODER_FILE))) skip(`needs "npm run encoder -- ${name}"`);
    const network = await readEncoderFolder(folder);
    const [feature, logits] = outputsOf(network, pictures(network.input.height));
    const expected = await reference(name);
    expect(feature.shape).toEqual(expected.shape);
    const values = feature.dataSync();
    for (const [place, value] of expected.features)
      expect(Math.abs((values[place] ?? 9) - value)).toBeLessThan(TOLERANCE);
    const means = feature.mean([1, 2]).arraySync() as number[][];
    const logitsOf = logits.arraySync() as number[][];
    for (const [picture, row] of means.entries()) {
      const some = row.filter((_, channel) => channel % 10 === 0);
      expect(largestDifference(some, expected.channelMeans[picture]!)).toBeLessThan(TOLERANCE);
      const classes = logitsOf[picture]!;
      const chosen = classes.filter((_, index) => index % 25 === 0);
      expect(largestDifference(chosen, expected.logits[picture]!)).toBeLessThan(TOLERANCE);
      expect(classes.indexOf(Math.max(...classes))).toBe(expected.best[picture]);
    }
  });
});

/** What scripts/reference-encoders.py wrote. */
interface Reference {
  readonly shape: number[];
  readonly features: [number, number][];
  readonly channelMeans: number[][];
  readonly logits: number[][];
  readonly best: number[];
}

async function reference(name: string): Promise<Reference> {
  const file = new URL('../fixtures/encoders/efficientnet-lite.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8'))[name];
}
