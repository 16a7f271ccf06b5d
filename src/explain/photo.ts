import { basename, extname } from 'node:path';
import { type DecodedImage, decodeImage, loadSharp, readImage } from '../images/index.js';

/** Longest side of a photo as it is shown, pixels. */
const PHOTO_SIZE = 800;

/** A photo as it is shown: upright, in its own shape. @throws as `decodeImage`. */
export async function readPhoto(path: string): Promise<DecodedImage> {
  const bytes = await readImage(path);
  // Of what cannot be read decodeImage says why.
  const unknown = { autoOrient: { width: 1, height: 1 } };
  const sharp = await loadSharp();
  const { autoOrient } = await sharp(bytes)
    .metadata()
    .catch(() => unknown);
  const scale = Math.min(1, PHOTO_SIZE / Math.max(autoOrient.width, autoOrient.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const size = { width: side(autoOrient.width), height: side(autoOrient.height) };
  return decodeImage(path, { ...size, fit: 'squash' });
}

export async function jpegOf({ pixels, width, height }: DecodedImage): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/**
 * A photo's name beside a page, without its ending: its number, and its file's name without what an address, a shell or a
 * file system might take otherwise.
 */
export function photoName(number: number, image: string): string {
  const name = basename(image, extname(image)).replace(/[^A-Za-z0-9_]+/g, '-');
  const slug = name.replace(/^-|-$/g, '').slice(0, 60) || 'photo';
  return `${String(number).padStart(4, '0')}-${slug}`;
}
