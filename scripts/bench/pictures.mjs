// JPEGs of a size, made of photos: each another part of one, so that no two are the same.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** How much of a photo a picture shows at least. */
const LEAST = 0.7;

/**
 * @param {string} photos a folder @param {string} out a folder to make
 * @param {{width: number, height: number}} size @param {number} count
 * @returns {Promise<string[]>} the pictures' paths
 */
export async function makePictures(photos, out, { width, height }, count) {
  const names = readdirSync(photos).filter((name) => /\.(?:jpe?g|png|webp)$/i.test(name));
  if (names.length === 0) throw new Error(`${photos} holds no photos`);
  mkdirSync(out);
  const paths = [];
  for (let number = 0; number < count; number++) {
    const { data, info } = await sharp(join(photos, String(names[number % names.length])))
      .autoOrient()
      .toBuffer({ resolveWithObject: true });
    // Steps of the golden ratio fall nowhere twice.
    const share = (/** @type {number} */ step) => (number * step) % 1;
    const part = LEAST + (1 - LEAST) * share(0.618);
    const crop = { width: Math.ceil(info.width * part), height: Math.ceil(info.height * part) };
    const path = join(out, `${number}.jpg`);
    await sharp(data)
      .extract({
        left: Math.floor((info.width - crop.width) * share(0.755)),
        top: Math.floor((info.height - crop.height) * share(0.57)),
        ...crop,
      })
      .resize(width, height)
      .jpeg({ quality: 85 })
      .toFile(path);
    paths.push(path);
  }
  return paths;
}

/** So many images, from the first again after the last. @param {string[]} paths @param {number} count */
export function repeated(paths, count) {
  return Array.from({ length: count }, (_, index) => String(paths[index % paths.length]));
}
