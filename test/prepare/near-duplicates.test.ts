import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Example, Split } from '../../src/datasets/index.js';
import { inspectImages, isSound } from '../../src/prepare/inspect-images.js';
import { findNearDuplicates } from '../../src/prepare/near-duplicates.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-duplicates-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A made scene of 320×240 with large and small things, that only its name decides. */
function scene(name: string): Sharp {
  const bytes = createHash('shake256', { outputLength: 8 * 6 * 3 })
    .update(name)
    .digest();
  return sharp(bytes, { raw: { width: 8, height: 6, channels: 3 } }).resize(320, 240, { kernel: 'cubic' });
}

async function pairs(pictures: readonly (readonly [id: string, split: Split, picture: Sharp])[]) {
  const examples: Example[] = [];
  for (const [id, split, picture] of pictures) {
    const image = join(folder, id);
    await picture.toFile(image);
    examples.push({ id, image, captions: [id], split });
  }
  const inspections = await inspectImages(examples.map(({ image }) => image));
  const looks = inspections.map((inspection) => (isSound(inspection) ? inspection.looks : ''));
  const found = await findNearDuplicates(examples, looks);
  return found.pairs.map(({ first, second }) => `${first.id} ${second.id}`);
}

it('finds a photo again that was made smaller, lighter, squashed or cut a little', async () => {
  const png = await scene('a').png().toBuffer();
  const copies: (readonly [string, Split, Sharp])[] = [
    ['small.jpg', 'dev', sharp(png).resize(160).jpeg({ quality: 60 })],
    ['light.png', 'dev', sharp(png).modulate({ brightness: 1.08 })],
    ['square.webp', 'test', sharp(png).resize(256, 256, { fit: 'fill' }).webp()],
    ['cut.jpg', 'test', sharp(png).extract({ left: 3, top: 3, width: 314, height: 234 }).jpeg()],
  ];
  const others = Array.from({ length: 20 }, (_, n) => [`${n}.png`, 'dev', scene(`${n}`)] as const);
  const found = await pairs([['a.png', 'train', sharp(png)], ...copies, ...others]);
  expect(found.filter((pair) => pair.endsWith(' a.png')).sort()).toEqual(
    copies.map(([id]) => `${id} a.png`).sort(),
  );
  expect(found.some((pair) => /\d\.png/.test(pair))).toBe(false);
});

it('takes a picture in another colour, or of the same split, for another', async () => {
  const png = await scene('b').png().toBuffer();
  const found = await pairs([
    ['b.png', 'train', sharp(png)],
    ['again.jpg', 'train', sharp(png).jpeg()],
    ['hue.png', 'test', sharp(png).modulate({ hue: 120 })],
  ]);
  expect(found).toEqual([]);
});

it('stops when it is told to', async () => {
  const example: Example = { id: 'a', image: 'a', captions: ['a'], split: 'dev' };
  await expect(findNearDuplicates([example], ['00'.repeat(28)], AbortSignal.abort())).rejects.toThrow();
});
