import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, mirror } from '../../src/images/index.js';
import { Random } from '../../src/random.js';
import { Looks } from '../../src/training/looks.js';
import { writeBlockPhoto } from '../support/block-photo.js';

const SIZE = { width: 20, height: 16, fit: 'squash' } as const;
let folder: string;
let paths: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looks-'));
  paths = await Promise.all([0, 1, 2, 3, 4].map((seed) => writeBlockPhoto(folder, seed)));
});
afterAll(() => rm(folder, { recursive: true }));

/** Three pictures to learn from, of which the second tells left from right, and two that judge. */
function looks(views: number, seed = 1, learnt = 3): Looks {
  const training = paths
    .slice(0, learnt)
    .map((image, index) => ({ image, captions: [], mirrorable: index !== 1 }));
  return new Looks(paths, training, SIZE, views, seed);
}

describe('the looks at pictures', () => {
  it.each([0, 1, 5])('have each a place of its own, with %s views', (views) => {
    const all = looks(views);
    const places = Array.from({ length: all.total }, (_, place) => place);
    expect(places.map((place) => all.placeOf(all.at(place)))).toEqual(places);
    const judging = places.map((place) => all.at(place)).filter(({ image }) => image > 2);
    expect(judging).toEqual([
      { image: 3, look: 0 },
      { image: 4, look: 0 },
    ]);
    expect(all.total).toBe(3 * all.count + 2);
  });

  it('are the picture and its mirror image without views', async () => {
    const all = looks(0);
    const { pixels } = await decodeImage(paths[2]!, SIZE);
    expect(await all.pixels({ image: 2, look: 0 })).toEqual(pixels);
    expect(await all.pixels({ image: 2, look: 1 })).toEqual(mirror(pixels, SIZE.width, SIZE.height));
  });

  it('are the picture and others that repeat by the seed with views', async () => {
    const { pixels } = await decodeImage(paths[0]!, SIZE);
    expect(await looks(2).pixels({ image: 0, look: 0 })).toEqual(pixels);
    const of = (seed: number, image: number, look: number) => looks(2, seed).pixels({ image, look });
    const first = await of(1, 0, 1);
    expect(first).toHaveLength(pixels.length);
    expect(await of(1, 0, 1)).toEqual(first);
    for (const other of [pixels, await of(2, 0, 1), await of(1, 0, 2)]) expect(other).not.toEqual(first);
    expect(looks(2, 1).kind).not.toBe(looks(2, 2).kind);
    expect(looks(2).kind).not.toBe(looks(0).kind);
    // Another split of the same pictures has its looks in other places.
    for (const views of [0, 2]) expect(looks(views, 1, 4).kind).not.toBe(looks(views).kind);
  });

  it('are drawn alike often, and never a mirror image of what tells left from right', () => {
    const random = new Random(1);
    const drawn = (views: number, image: number) => {
      const counts = new Map<number, number>();
      for (let i = 0; i < 3000; i++) {
        const { look } = looks(views).draw(image, random);
        counts.set(look, (counts.get(look) ?? 0) + 1 / 3000);
      }
      return counts;
    };
    for (const [views, count] of [
      [0, 2],
      [3, 4],
    ] as const) {
      const counts = drawn(views, 0);
      expect(counts.size).toBe(count);
      for (const share of counts.values()) expect(share).toBeCloseTo(1 / count, 1);
    }
    expect([...drawn(0, 1).keys()]).toEqual([0]);
  });
});
