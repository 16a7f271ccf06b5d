import type { Scalar } from '@tensorflow/tfjs-node';
import type { CaptionBatch } from '../decoder/caption-batch.js';
import { captionLoss, encodeImages, type ImageFeatures } from '../decoder/network.js';
import { mixInOwnWords } from '../decoder/own-words.js';
import type { Random } from '../random.js';
import type { CaptionModel } from './caption-model.js';

export interface TeachingOptions {
  readonly labelSmoothing: number;
  /** Share of input words that are the decoder's own at the end of the stage. */
  readonly scheduledSampling: number;
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
