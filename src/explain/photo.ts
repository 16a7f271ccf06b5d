import sharp from 'sharp';
import { type DecodedImage, decodeImage, readImage } from '../images/index.js';

/** Longest side of a photo as it is shown, pixels. */
const PHOTO_SIZE = 800;

/** A photo as it is shown: upright, in its own shape. @throws as `decodeImage`. */
export async function readPhoto(path: string): Promise<DecodedImage> {
  const bytes = await readImage(path);
  // Of what cannot be read decodeImage says why.
  const unknown = { autoOrient: { width: 1, height: 1 } };
  const { autoOrient } = await sharp(bytes)
    .metadata()
    .catch(() => unknown);
  const scale = Math.min(1, PHOTO_SIZE / Math.max(autoOrient.width, autoOrient.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const size = { width: side(autoOrient.width), height: side(autoOrient.height) };
  return decodeImage(path, { ...size, fit: 'squash' });
}
