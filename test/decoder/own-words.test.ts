import type { Tensor } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import { captionLogits, captionLoss, encodeImages } from '../../src/decoder/network.js';
import { mixInOwnWords } from '../../src/decoder/own-words.js';
import { withoutSpecialWords } from '../../src/decoder/sample-captions.js';
import { Random } from '../../src/random.js';
import { tf, tidy } from '../../src/tensorflow.js';
import { END, PADDING, START, UNKNOWN } from '../../src/text/index.js';
import { randomDecoderVariables } from '../support/random-decoder.js';

const sizes = { gridCells: 3, channels: 5, vocabulary: 40 };
const PEOPLE = [4, 5, 6, 7, 8];
const captions = [
  [
    [START, 4, 5, 6, 7, 8, END],
    [START, 5, END],
  ],
  [
    [START, 7, 8, 4, 5],
    [START, 6, 6, 6, END],
  ],
];
const batch = layOutCaptions(captions);
const configuration = decoderConfigurationSchema.parse({
  hidden: 6,
  embedding: 4,
  attentionUnits: 5,
  tieEmbedding: false,
});
const { tensors, grid } = randomDecoderVariables(configuration, sizes, 2);
const mix = (share: number, seed = 1) =>
  tidy(() =>
    mixInOwnWords(
      configuration,
      tensors,
      encodeImages(configuration, tensors, { grid }),
      batch,
      share,
      new Random(seed),
    ),
  );

/** Gives one word a logit that leaves the others no chance. */
function favour(word: number): void {
  const bias = tensors.get('words.bias')!;
  bias.assign(tf.oneHot(word, sizes.vocabulary).toFloat().mul(100));
}

describe('mixInOwnWords', () => {
  it('leaves the batch alone at share 0', () => {
    expect(mix(0)).toEqual(batch);
  });

  it('replaces all words but the first at share 1, and nothing else', () => {
    favour(30);
    const { inputs, ...rest } = mix(1);
    const { inputs: given, ...same } = batch;
    expect(rest).toEqual(same);
    given.forEach((token, row) => {
      expect(inputs[row]).toBe(token === START || token === PADDING ? token : 30);
    });
  });

  it('replaces about that share', () => {
    favour(30);
    const words = [...batch.inputs].filter((token) => PEOPLE.includes(token)).length;
    let replaced = 0;
    for (let seed = 0; seed < 40; seed++)
      replaced += mix(0.3, seed).inputs.filter((token) => token === 30).length;
    expect(replaced / (40 * words)).toBeGreaterThan(0.25);
    expect(replaced / (40 * words)).toBeLessThan(0.35);
  });

  it.each([PADDING, START, UNKNOWN, END])('never reads the special word %i as one of its own', (special) => {
    favour(special);
    for (let seed = 0; seed < 10; seed++) {
      const { inputs } = mix(1, seed);
      inputs.forEach((token, row) => {
        if (token === special) expect(batch.inputs[row]).toBe(special);
      });
    }
  });

  it('draws what the decoder would write after the words before', () => {
    // So sure of itself that it can only draw the likeliest word, which a caption by itself tells.
    const sure = new Map(tensors);
    sure.set('words.kernel', tf.variable(tensors.get('words.kernel')!.mul(1e4)));
    sure.set('words.bias', tf.variable(tf.zeros([sizes.vocabulary])));
    captions.flat().forEach((caption, number) => {
      tidy(() => {
        const encoded = encodeImages(configuration, sure, { grid });
        const { inputs } = mixInOwnWords(configuration, sure, encoded, batch, 1, new Random(1));
        const image = number < 2 ? 0 : 1;
        const alone = layOutCaptions([[caption]]);
        const seen = encodeImages(configuration, sure, { grid: grid.slice([image, 0, 0], [1, -1, -1]) });
        const logits = captionLogits(configuration, withoutSpecialWords(sure), seen, alone);
        const likeliest = [...tf.argMax(logits, 1).dataSync()].map((word) =>
          word === END ? undefined : word,
        );
        const rows = [...batch.rows].filter((_, index) => batch.captions[index] === number);
        rows.slice(1).forEach((row, index) => {
          expect(inputs[row]).toBe(likeliest[index] ?? caption[index + 1]);
        });
      });
    });
  });

  it('takes no gradient through the words it drew, and leaves no tensor behind', () => {
    favour(9);
    const gradientsOf = (mixed: boolean) => {
      const { value, grads } = tf.variableGrads(
        () =>
          tidy(() => {
            const encoded = encodeImages(configuration, tensors, { grid });
            const words = mixed
              ? mixInOwnWords(configuration, tensors, encoded, batch, 0.5, new Random(3))
              : { ...batch, inputs };
            return captionLoss(configuration, tensors, encoded, words, 0.1);
          }),
        [...tensors.values()],
      );
      const values = [value, ...Object.values(grads)].map((tensor: Tensor) => [...tensor.dataSync()]);
      tf.dispose([value, ...Object.values(grads)]);
      return values;
    };
    const { inputs } = mix(0.5, 3);
    expect(inputs).not.toEqual(batch.inputs);
    const expected = gradientsOf(false);
    const before = tf.memory().numTensors;
    expect(gradientsOf(true)).toEqual(expected);
    expect(tf.memory().numTensors).toBe(before);
  });
});
