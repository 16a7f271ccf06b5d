import type { Scalar, Tensor3D } from '@tensorflow/tfjs-node';
import type { CaptionBatch } from '../decoder/caption-batch.js';
import { captionLoss, encodeImages, type ImageFeatures } from '../decoder/network.js';
import { mixInOwnWords } from '../decoder/own-words.js';
import type { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';

export interface TeachingOptions {
  readonly labelSmoothing: number;
  /** Share of input words that are the decoder's own at the end of the stage. */
  readonly scheduledSampling: number;
}

/** Some of a step's pictures and their captions. */
export interface Lesson {
  readonly captions: CaptionBatch;
  /** Makes the feature grid, within the loss: gradients go through it. */
  grid(): Tensor3D;
  /** What is added to the loss for this grid. */
  more?(grid: Tensor3D): Scalar | undefined;
}

/** The losses of a step's lessons, each its share of the mean over all words, as `PreparedBatch` has them. */
export function teachingLosses(
  model: CaptionModel,
  options: TeachingOptions,
  lessons: readonly Lesson[],
  progress: number,
  random: Random,
): (() => Scalar)[] {
  const words = lessons.reduce((sum, { captions }) => sum + captions.targets.length, 0);
  return lessons.map(({ captions, grid: makeGrid, more }) => () => {
    return tidy(() => {
      const grid = makeGrid();
      const taught = teachingLoss(model, options, model.see(grid), captions, progress, random);
      const loss = tf.mul<Scalar>(taught, captions.targets.length / words);
      const added = more?.(grid);
      return added === undefined ? loss : tf.add<Scalar>(loss, added);
    });
  });
}

/**
 * The loss of people's captions of images, nats a word, with dropout.
 * @param progress share of the stage that is done.
 */
export function teachingLoss(
  { configuration, decoder }: CaptionModel,
  { labelSmoothing, scheduledSampling }: TeachingOptions,
  seen: ImageFeatures,
  captions: CaptionBatch,
  progress: number,
  random: Random,
): Scalar {
  const encoded = encodeImages(configuration, decoder, seen, random);
  const share = scheduledSampling * progress;
  const batch = mixInOwnWords(configuration, decoder, encoded, captions, share, random);
  return captionLoss(configuration, decoder, encoded, batch, labelSmoothing, random);
}
