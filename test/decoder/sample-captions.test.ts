import type { Tensor2D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import { captionLogits, encodeImages } from '../../src/decoder/network.js';
import { sampleCaptions, withoutSpecialWords } from '../../src/decoder/sample-captions.js';
import { TensorFlowStepper } from '../../src/decoder/tensorflow-stepper.js';
import { Random } from '../../src/random.js';
import { tf, tidy, withoutGradients } from '../../src/tensorflow.js';
import { END, PADDING, START, UNKNOWN } from '../../src/text/index.js';
import { randomDecoderVariables } from '../support/random-decoder.js';

const sizes = { gridCells: 3, channels: 5, vocabulary: 9 };
const WORDS = [END, 4, 5, 6, 7, 8];

function setUp(choice: object = {}, images = 2) {
  const configuration = decoderConfigurationSchema.parse({
    hidden: 6,
    embedding: 4,
    attentionUnits: 5,
    ...choice,
  });
  const { tensors, grid } = randomDecoderVariables(configuration, sizes, images, 1);
  const draw = (samples: number, maximumLength: number, seed: number, temperature = 1) =>
    tidy(() => {
      const policy = withoutSpecialWords(tensors);
      const encoded = encodeImages(configuration, policy, { grid });
      const random = new Random(seed);
      return sampleCaptions(configuration, policy, encoded, { samples, maximumLength, temperature, random });
    });
  return { configuration, tensors, grid, draw };
}

const forms = [
  { cell: 'lstm', attention: 'additive', inject: 'state' },
  { cell: 'gru', attention: 'none', inject: 'everyStep', layers: 2, tieEmbedding: false },
  { cell: 'simpleRnn', attention: 'none', inject: 'firstToken' },
];

describe('sampleCaptions', () => {
  it.each(forms)(
    'draws from the distribution that the search sees, special words left out: $cell, $inject',
    async (form) => {
      const { configuration, tensors, grid, draw } = setUp(form);
      const temperature = 0.6;
      // The probabilities of the first two words of image 1, one word at a time as a search computes them.
      const stepper = new TensorFlowStepper(configuration, tensors);
      const state = stepper.start({ grid });
      const first = await stepper.step(new Int32Array([START, START]), state);
      const second = await stepper.step(new Int32Array([5, 5]), first.state);
      const expected = [first, second].map(({ logProbabilities }) => {
        const row = WORDS.map((word) =>
          Math.exp((logProbabilities[sizes.vocabulary + word] as number) / temperature),
        );
        const total = row.reduce((sum, value) => sum + value, 0);
        return row.map((value) => value / total);
      });
      stepper.dispose();

      const drawn = draw(20_000, 1, 3, temperature)[1] as number[][];
      const after = drawn.filter((tokens) => tokens[1] === 5);
      const groups = [drawn.map((tokens) => tokens[1]), after.map((tokens) => tokens[2])];
      groups.forEach((tokens, position) => {
        WORDS.forEach((word, index) => {
          const p = expected[position]?.[index] as number;
          const share = tokens.filter((token) => token === word).length / tokens.length;
          // Four standard deviations.
          const margin = 4 * Math.sqrt((p * (1 - p)) / tokens.length) + 1e-6;
          expect(Math.abs(share - p), `word ${word} at ${position}: ${share} for ${p}`).toBeLessThan(margin);
        });
      });
      const special = drawn.flat().filter((token) => token === PADDING || token === UNKNOWN);
      expect(special).toEqual([]);
      tf.dispose([grid, ...tensors.values()]);
    },
  );

  it('gives whole captions: from START to the only END, or without END at the maximum length', () => {
    const { draw } = setUp();
    const all = draw(200, 3, 5).flat();
    expect(all).toHaveLength(400);
    for (const tokens of all) {
      expect(tokens[0]).toBe(START);
      const end = tokens.indexOf(END);
      if (end === -1) expect(tokens).toHaveLength(5);
      else expect(tokens).toHaveLength(end + 1);
      expect(tokens.lastIndexOf(START)).toBe(0);
    }
    const lengths = new Set(all.map(({ length }) => length));
    expect([...lengths].sort()).toEqual([2, 3, 4, 5]);
  });

  it.each(forms)(
    'has, for every word, the probability of the pass that gradients go through: $cell',
    (form) => {
      const { configuration, tensors, grid, draw } = setUp(form, 3);
      const samples = draw(5, 6, 11);
      tidy(() => {
        const policy = withoutSpecialWords(tensors);
        const encoded = encodeImages(configuration, policy, { grid });
        const batch = layOutCaptions(samples);
        const together = tf.logSoftmax(captionLogits(configuration, policy, encoded, batch) as Tensor2D);
        const values = together.arraySync() as number[][];
        // By itself, its image alone: what sampling computes must not depend on what is in the batch.
        samples.flat().forEach((tokens, caption) => {
          const image = Math.floor(caption / 5);
          const alone = encodeImages(configuration, policy, {
            grid: grid.slice([image, 0, 0], [1, -1, -1]),
          });
          const single = layOutCaptions([[tokens]]);
          const logits = captionLogits(configuration, policy, alone, single);
          const expected = (tf.logSoftmax(logits).arraySync() as number[][]).map(
            (row, t) => row[single.targets[t] as number] as number,
          );
          const found = values
            .map((row, p) => row[batch.targets[p] as number] as number)
            .filter((_, p) => batch.captions[p] === caption);
          found.forEach((value, t) => {
            expect(value).toBeCloseTo(expected[t] as number, 4);
          });
        });
      });
    },
  );

  it('repeats itself for the same seed, and not for another', () => {
    const { draw } = setUp();
    expect(draw(5, 8, 1)).toEqual(draw(5, 8, 1));
    expect(draw(5, 8, 1)).not.toEqual(draw(5, 8, 2));
  });

  it('leaves no tensor behind, also inside a gradient', () => {
    const { tensors, grid, configuration } = setUp();
    const step = () => {
      const { value, grads } = tf.variableGrads(() =>
        tidy(() => {
          const policy = withoutSpecialWords(tensors);
          const encoded = encodeImages(configuration, policy, { grid });
          const random = new Random(1);
          const drawn = withoutGradients(() =>
            sampleCaptions(configuration, policy, encoded, {
              samples: 2,
              maximumLength: 4,
              temperature: 1,
              random,
            }),
          );
          expect(drawn).toHaveLength(2);
          return tf.sum(encoded.mean);
        }),
      );
      tf.dispose([value, ...Object.values(grads)]);
    };
    step();
    const before = tf.memory().numTensors;
    step();
    expect(tf.memory().numTensors).toBe(before);
  });
});
