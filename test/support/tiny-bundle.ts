import { type BundleContents, writeBundle } from '../../src/bundle/index.js';
import {
  type DecoderConfiguration,
  type DecoderSizes,
  decoderConfigurationSchema,
} from '../../src/decoder/configuration.js';
import { decoderWeightShapes } from '../../src/decoder/weight-shapes.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import type { TagMap } from '../../src/tags/index.js';
import { SPECIAL_TOKENS, Vocabulary } from '../../src/text/index.js';
import { sizeOf, type WeightArray, type Weights } from '../../src/weights.js';

const TINY_WORDS = 'a the dog cat runs sits red blue on grass water two people man woman with ball street';

export const TINY_VOCABULARY = new Vocabulary([...SPECIAL_TOKENS, ...TINY_WORDS.split(' ')]);

/** Words for the classes of {@link tinyNetwork}: two have the same, one has none. */
export const TINY_TAGS: TagMap = { words: ['dog', 'cat', 'ball'], ofClass: Int32Array.of(0, 1, -1, 0, 2) };

/** Values from a normal distribution. */
export function randomWeight(shape: readonly number[], random: Random, deviation: number): WeightArray {
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()) };
}

/** A decoder of any configuration with random weights, large enough that its captions differ from image to image. */
export function randomDecoder(
  configuration: DecoderConfiguration,
  sizes: DecoderSizes,
  random: Random,
): Weights {
  const weights: Weights = new Map();
  for (const [name, shape] of decoderWeightShapes(configuration, sizes)) {
    const deviation = shape.length < 2 ? 0.2 : 2 / Math.sqrt(shape[0] as number);
    weights.set(name, randomWeight(shape, random, name === 'embedding' ? 1 : deviation));
  }
  return weights;
}

/** Two convolutions over 32x32 pixels: a 4x4 grid of 12 channels, and a classifier of 5 classes. */
export function tinyNetwork(random: Random): EncoderNetwork {
  const convolution = { kind: 'convolution', dilations: [1, 1], padding: 'same' } as const;
  const weight = (...shape: number[]) => randomWeight(shape, random, shape.length < 2 ? 0.2 : 0.35);
  return {
    name: 'tiny',
    input: { height: 32, width: 32, mean: 127.5, deviation: 127.5 },
    layers: [
      {
        ...convolution,
        name: 'first',
        input: 'pixels',
        kernel: 'first/kernel',
        bias: 'first/bias',
        strides: [4, 4],
        activation: 'relu6',
      },
      {
        ...convolution,
        name: 'second',
        input: 'first',
        kernel: 'second/kernel',
        bias: 'second/bias',
        strides: [2, 2],
        activation: 'relu6',
      },
      { kind: 'globalAveragePooling', name: 'mean', input: 'second', keepDimensions: false },
      { kind: 'dense', name: 'logits', input: 'mean', kernel: 'logits/kernel', activation: 'linear' },
    ],
    feature: 'second',
    classifier: 'logits',
    weights: new Map([
      ['first/kernel', weight(5, 5, 3, 8)],
      ['first/bias', weight(8)],
      ['second/kernel', weight(3, 3, 8, 12)],
      ['second/bias', weight(12)],
      ['logits/kernel', weight(12, 5)],
    ]),
  };
}

export interface TinyOverrides extends Partial<Omit<BundleContents, 'configuration'>> {
  /** Options of the decoder other than 8 hidden units, embedding 8 and 6 attention units. */
  readonly configuration?: Partial<DecoderConfiguration>;
  readonly seed?: number;
}

/** A small random model: 32x32 pixels, a 4x4 grid of 12 channels, 8 hidden units, 22 words. Repeatable by its seed. */
export function tinyContents({
  seed = 1,
  configuration: options,
  ...overrides
}: TinyOverrides = {}): BundleContents {
  const random = new Random(seed);
  const configuration = decoderConfigurationSchema.parse({
    hidden: 8,
    embedding: 8,
    attentionUnits: 6,
    ...options,
  });
  const vocabulary = overrides.vocabulary ?? TINY_VOCABULARY;
  const sizes = { gridCells: 16, channels: 12, vocabulary: vocabulary.size };
  return {
    name: 'tiny',
    licence: 'Apache-2.0',
    language: 'en',
    configuration,
    encoder: tinyNetwork(random),
    fit: 'squash',
    decoder: randomDecoder(configuration, sizes, random),
    vocabulary,
    metrics: { CIDEr: 0.1 },
    card: '# tiny\n\nRandom weights, for tests.\n',
    precision: 'fp32',
    search: { method: 'beam', beamWidth: 3, lengthPenalty: 0.7, maximumLength: 8 },
    ...overrides,
  };
}

/** Writes {@link tinyContents} as a bundle and returns them. */
export async function writeTinyBundle(
  directory: string,
  overrides: TinyOverrides = {},
): Promise<BundleContents> {
  const contents = tinyContents(overrides);
  await writeBundle(directory, contents);
  return contents;
}
