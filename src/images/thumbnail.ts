import sharp from 'sharp';
import { DEFAULT_PIXEL_LIMIT } from './decode.js';

/** A small copy of a picture as an address that holds it, for pages that need no other file. @param size longest side, pixels. */
export async function thumbnail(path: string, size: number): Promise<string> {
  const options = { fit: 'inside', withoutEnlargement: true } as const;
  const picture = sharp(path, { limitInputPixels: DEFAULT_PIXEL_LIMIT })
    .autoOrient()
    .resize(size, size, options)
    .flatten({ background: 'white' });
  return `data:image/jpeg;base64,${(await picture.jpeg({ quality: 80 }).toBuffer()).toString('base64')}`;
}
