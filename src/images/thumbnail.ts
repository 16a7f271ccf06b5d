import { DEFAULT_PIXEL_LIMIT } from './decode.js';
import { loadSharp } from './load-sharp.js';
import { readImage } from './read-image.js';

/**
 * A small copy of an image as an address that holds its bytes, for pages that need no other file; empty if it can no longer
 * be read.
 * @param size longest side, pixels.
 */
export async function thumbnail(image: string, size: number): Promise<string> {
  try {
    const sharp = await loadSharp();
    const picture = sharp(await readImage(image), { limitInputPixels: DEFAULT_PIXEL_LIMIT }).autoOrient();
    const small = picture.resize(size, size, { fit: 'inside', withoutEnlargement: true });
    const jpeg = await small.flatten({ background: 'white' }).jpeg({ quality: 75 }).toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
  } catch {
    return '';
  }
}
