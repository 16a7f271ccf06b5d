import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/random.js';

/** Writes a photo of large random blocks: each seed gives another picture. @returns its path. */
export async function writeBlockPhoto(folder: string, seed: number): Promise<string> {
  const random = new Random(seed);
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
  const path = join(folder, `photo-${seed}.png`);
  await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(64, 64, { kernel: 'nearest' })
    .png()
    .toFile(path);
  return path;
}
