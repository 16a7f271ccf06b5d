import sharp from 'sharp';
import { readImage } from '../images/index.js';

/** Longest side, pixels; for screens with two pixels a point. */
const SIDE = 360;

/** An image, small, as an address that holds its bytes; empty if it can no longer be read. */
export async function thumbnail(image: string): Promise<string> {
  try {
    const picture = sharp(await readImage(image)).autoOrient();
    const small = picture.resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true });
    const jpeg = await small.flatten({ background: '#ffffff' }).jpeg({ quality: 70 }).toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
  } catch {
    return '';
  }
}
