import { augment, type DecodeOptions, decodeImage } from '../images/index.js';
import type { Random } from '../random.js';
import type { TrainingImage } from './training-images.js';

/** Pictures are read this much larger than they come out, so that a crop is not enlarged. */
const MARGIN = 8 / 7;

/** Random variants of pictures, RGB `[height, width, 3]` each: mirrored only where their captions stay true. */
export async function readAugmented(
  images: readonly Pick<TrainingImage, 'image' | 'mirrorable'>[],
  { width, height, fit }: DecodeOptions,
  random: Random,
): Promise<Uint8Array[]> {
  const larger = { width: Math.round(width * MARGIN), height: Math.round(height * MARGIN), fit };
  const pictures = await Promise.all(images.map(({ image }) => decodeImage(image, larger)));
  return pictures.map((picture, index) => {
    return augment(picture, { width, height, flip: images[index]!.mirrorable }, random);
  });
}
