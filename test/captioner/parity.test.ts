import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { encode } from '../../src/captioner/onnx-encoder.js';
import { OnnxStepper } from '../../src/captioner/onnx-stepper.js';
import { openSessions } from '../../src/captioner/sessions.js';
import { type DecoderConfiguration, stateNames } from '../../src/decoder/configuration.js';
import { TensorFlowStepper } from '../../src/decoder/tensorflow-stepper.js';
import { asGrid, normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { beamSearch, type DecoderStepper, type Hypothesis } from '../../src/search/index.js';
import { tf } from '../../src/tensorflow.js';
import { START } from '../../src/text/index.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { largestDifference } from '../support/onnx-run.js';
import {
  randomDecoder,
  TINY_VOCABULARY,
  type TinyOverrides,
  tinyContents,
  writeTinyBundle,
} from '../support/tiny-bundle.js';
import { VGG_LIKE_CHANNELS, vggLikeNetwork } from '../support/vgg-like.js';

/** Of natural logarithms of probabilities. */
const TOLERANCE = 1e-4;
/** The same, of weights stored with 11 significant bits instead of 24. */
const HALF_TOLERANCE = 0.03;

/** Areas of 8x8 pixels: noise of single pixels makes every picture alike. */
const PICTURES = Array.from({ length: 4 }, (_, seed) => {
  const random = new Random(seed + 10);
  const areas = Array.from({ length: 4 * 4 * 3 }, () => random.integer(256));
  return Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => {
    const [row, column] = [Math.floor(index / 96), Math.floor(index / 3) % 32];
    return areas[3 * (4 * (row >> 3) + (column >> 3)) + (index % 3)] ?? 0;
  });
});

let folder: string;
let bundles = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parity-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What an engine says of the pictures. */
interface Said {
  /** Every log-probability along captions that are the same for both engines. */
  readonly logProbabilities: readonly number[];
  readonly captions: readonly Hypothesis[][];
}

async function ask<Images, State>(stepper: DecoderStepper<Images, State>, images: Images): Promise<Said> {
  const options = { beamWidth: 4, nBest: 3, maximumLength: 8, lengthPenalty: 0.7 };
  const captions = await beamSearch(stepper, images, PICTURES.length, options);

  const random = new Random(3);
  let count = PICTURES.length;
  let tokens = new Int32Array(count).fill(START);
  let state = stepper.start(images);
  const logProbabilities: number[] = [];
  for (let step = 0; step < 6; step++) {
    const output = await stepper.step(tokens, state);
    logProbabilities.push(...output.logProbabilities);
    // Two captions of each picture at first, then any rows, some of them twice.
    const kept =
      step === 0 ? [0, 0, 1, 1, 2, 2, 3, 3] : Array.from({ length: 6 }, () => random.integer(count));
    state = stepper.select(output.state, Int32Array.from(kept));
    count = kept.length;
    tokens = Int32Array.from(kept, () => random.integer(TINY_VOCABULARY.size));
  }
  return { logProbabilities, captions };
}

/** What both engines say, the one from the bundle on disk, the other from the weights that it was written from. */
async function askBoth(overrides: TinyOverrides): Promise<{ captioned: Said; trained: Said }> {
  const directory = join(folder, String(bundles++));
  const { configuration, encoder, decoder } = await writeTinyBundle(directory, overrides);

  const sessions = await openSessions(await loadBundle(directory));
  const names = stateNames(configuration);
  const encoded = await encode(sessions.encoder, PICTURES, { height: 32, width: 32 }, names);
  const options = { vocabularySize: TINY_VOCABULARY.size, stateNames: names, attention: false };
  const captioned = await ask(new OnnxStepper(sessions.decoder, options), encoded);

  const pixels = tf.tensor4d(
    PICTURES.flatMap((picture) => [...picture]),
    [PICTURES.length, 32, 32, 3],
  );
  const [feature] = runEncoder(encoder, encoderTensors(encoder), normalisePixels(encoder, pixels));
  const tensors = new Map(
    [...decoder].map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
  );
  const stepper = new TensorFlowStepper(configuration, tensors);
  const trained = await ask(stepper, { grid: asGrid(feature as Tensor) as Tensor3D });
  return { captioned, trained };
}

function expectSame({ captioned, trained }: { captioned: Said; trained: Said }, tolerance: number): void {
  expect(largestDifference(captioned.logProbabilities, trained.logProbabilities)).toBeLessThan(tolerance);
  expect(captioned.captions.map((found) => found.map(({ tokens }) => tokens))).toEqual(
    trained.captions.map((found) => found.map(({ tokens }) => tokens)),
  );
  const scores = ({ captions }: Said) => captions.flat().map(({ logProbability }) => logProbability);
  // A caption's is the sum over its words.
  expect(largestDifference(scores(captioned), scores(trained))).toBeLessThan(8 * tolerance);
}

const combinations = (['simpleRnn', 'lstm', 'gru'] as const).flatMap((cell) =>
  (['additive', 'none'] as const).flatMap((attention) =>
    (['state', 'firstToken', 'everyStep'] as const).map((inject) => ({ cell, attention, inject })),
  ),
);

describe('a model writes the captions that it was judged by when it was trained', () => {
  it.each(combinations)('$cell, attention $attention, inject $inject', async (configuration) => {
    const said = await askBoth({ configuration });
    expectSame(said, TOLERANCE);
    // The pictures are told apart, so that a mix-up of rows would be seen.
    const best = said.trained.captions
      .map(([caption]) => caption?.logProbability ?? 0)
      .toSorted((a, b) => a - b);
    const apart = best.slice(1).map((value, index) => value - (best[index] as number));
    expect(Math.min(...apart)).toBeGreaterThan(TOLERANCE);
  });

  it.each(['additive', 'none'] as const)(
    'also with one vector a picture, as of a VGG network, attention %s',
    async (attention) => {
      const configuration: Partial<DecoderConfiguration> = { attention };
      const { configuration: resolved } = tinyContents({ configuration });
      const sizes = { gridCells: 1, channels: VGG_LIKE_CHANNELS, vocabulary: TINY_VOCABULARY.size };
      const decoder = randomDecoder(resolved, sizes, new Random(2));
      expectSame(await askBoth({ configuration, encoder: vggLikeNetwork(), decoder }), TOLERANCE);
    },
  );

  it.each(['simpleRnn', 'lstm', 'gru'] as const)(
    'nearly so where weights take half the space: %s',
    async (cell) => {
      expectSame(await askBoth({ configuration: { cell }, precision: 'fp16' }), HALF_TOLERANCE);
    },
  );
});
