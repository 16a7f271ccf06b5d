import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { drawFromSoftmax } from '../native-kernels.js';
import type { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import { END, PADDING, START, UNKNOWN } from '../text/special-tokens.js';
import { type DecoderConfiguration, stateNames } from './configuration.js';
import { type DecoderTensors, type EncodedImages, recurrenceTensors, wordLogits } from './network.js';
import { projectWords, repeatRows } from './recurrence.js';
import { runStep } from './step.js';

/** Added to a logit, it leaves a probability of zero and no infinity to multiply by. */
const NEVER = -1e9;

/**
 * The decoder that never writes padding, start or the unknown word. Where the likelihood of its samples is computed, the
 * same tensors must be used: a word that only sampling leaves out has the probability of all others wrong.
 */
export function withoutSpecialWords(tensors: DecoderTensors): Map<string, Tensor> {
  const bias = tensors.get('words.bias') as Tensor1D;
  const mask = new Float32Array(bias.shape[0]);
  for (const word of [PADDING, START, UNKNOWN]) mask[word] = NEVER;
  return new Map([...tensors, ['words.bias', tf.add<Tensor1D>(bias, tf.tensor1d(mask))]]);
}

export interface SampleOptions {
  /** τ of softmax(logits / τ), the distribution that is drawn from. */
  readonly temperature: number;
  /** Captions of each image. */
  readonly samples: number;
  /** Words of a caption, at most. */
  readonly maximumLength: number;
  readonly random: Random;
}

/**
 * Draws captions word by word from the decoder's distribution, without dropout: what is drawn stays on the device but for
 * one number a word, and captions that are over leave as far as all images can spare a row.
 * @returns each image's captions as `[START, …, END]`; one that would not end within the maximum length lacks the END.
 */
export function sampleCaptions(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  encoded: EncodedImages,
  { samples, maximumLength, temperature, random }: SampleOptions,
): number[][][] {
  const images = encoded.memory.shape[0];
  const captions = Array.from({ length: images * samples }, () => [START as number]);
  const isOpen = (caption: number) => captions[caption]?.at(-1) !== END;
  tidy(() => {
    const given = recurrenceTensors(configuration, tensors, encoded, tf.zeros([0, 0]));
    let rows = captions.map((_, caption) => caption);
    let states = stateNames(configuration).map((name) => repeatRows(given.get(name) as Tensor2D, samples));
    let words = tf.fill([rows.length], START, 'int32') as Tensor1D;
    // One step more than words: the caption may end after the last.
    for (let step = 0; step <= maximumLength && rows.length > 0; step++) {
      const next = tidy(() => {
        const embedded = tf.gather(tensors.get('embedding') as Tensor2D, words);
        const after = runStep(configuration, given, projectWords(configuration, given, embedded), states);
        const logits = tf.div<Tensor2D>(wordLogits(configuration, tensors, after.output), temperature);
        return { states: [...after.states], words: drawFromSoftmax(logits, random) };
      });
      tf.dispose([...states, words]);
      const drawn = next.words.dataSync();
      rows.forEach((caption, row) => {
        if (isOpen(caption)) captions[caption]?.push(drawn[row] as number);
      });
      const kept = rowsToKeep(rows.map(isOpen), images);
      ({ states, words } = kept.length < rows.length ? selectRows(next, kept) : next);
      rows = kept.map((row) => rows[row] as number);
    }
  });
  return Array.from({ length: images }, (_, image) => captions.slice(image * samples, (image + 1) * samples));
}

/** The rows of open captions, and of ended ones so many that every image keeps the same number of neighbours. */
function rowsToKeep(open: readonly boolean[], images: number): number[] {
  const perImage = open.length / images;
  const ofImages = Array.from({ length: images }, (_, image) => {
    const rows = Array.from({ length: perImage }, (_, place) => image * perImage + place);
    return [...rows.filter((row) => open[row]), ...rows.filter((row) => !open[row])];
  });
  const most = Math.max(...ofImages.map((rows) => rows.filter((row) => open[row]).length));
  return ofImages.flatMap((rows) => rows.slice(0, most));
}

function selectRows(from: { states: Tensor2D[]; words: Tensor1D }, rows: readonly number[]) {
  const indices = tf.tensor1d([...rows], 'int32');
  return {
    states: from.states.map((state) => tf.gather(state, indices)),
    words: tf.gather(from.words, indices) as Tensor1D,
  };
}
