import { drawFromSoftmax } from '../native-kernels.js';
import type { Random } from '../random.js';
import { withoutGradients } from '../tensorflow.js';
import { END } from '../text/special-tokens.js';
import type { CaptionBatch } from './caption-batch.js';
import type { DecoderConfiguration } from './configuration.js';
import { captionLogits, type DecoderTensors, type EncodedImages } from './network.js';
import { withoutSpecialWords } from './sample-captions.js';

/**
 * Scheduled sampling (Bengio et al. 2015) in two passes (Mihaylova and Martins 2019): the batch with some of its input words
 * replaced by words that the decoder would have written there, so that it learns to go on after words of its own. What it
 * has to predict stays.
 *
 * The first pass, which these words are drawn from, reads people's words alone and has no gradient.
 * @param share of the words after the first that are replaced, 0 to 1.
 */
export function mixInOwnWords(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  encoded: EncodedImages,
  batch: CaptionBatch,
  share: number,
  random: Random,
): CaptionBatch {
  if (share === 0) return batch;
  const drawn = withoutGradients(() => {
    const logits = captionLogits(configuration, withoutSpecialWords(tensors), encoded, batch);
    return drawFromSoftmax(logits, random).dataSync();
  });
  const inputs = batch.inputs.slice();
  /** By caption, what was drawn at its step before. */
  const before = new Map<number, number>();
  batch.rows.forEach((row, index) => {
    const caption = batch.captions[index] as number;
    const word = before.get(caption);
    // Where the decoder would have ended, there is no word to read.
    if (word !== undefined && word !== END && random.uniform() < share) inputs[row] = word;
    before.set(caption, drawn[index] as number);
  });
  return { ...batch, inputs };
}
