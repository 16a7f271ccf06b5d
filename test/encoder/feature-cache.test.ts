import { appendFile, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeatureCache, featureKey } from '../../src/encoder/feature-cache.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { tinyNetwork } from '../support/tiny-bundle.js';

const SIZE = 10;

let folder: string;
let caches = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'features-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fresh = () => join(folder, `cache-${caches++}`);
const open = (directory: string) => FeatureCache.open(directory, 'key', SIZE);

/** An entry that differs from all others, so that a mix-up is seen. */
function entryOf(number: number): Float32Array {
  const random = new Random(number);
  return Float32Array.from({ length: SIZE }, () => 6 * random.uniform());
}

describe('features read back', () => {
  it('are within half of the 255th part of their range', async () => {
    const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
      minLength: SIZE,
      maxLength: SIZE,
    });
    await fc.assert(
      fc.asyncProperty(values, values, async (first, second) => {
        const cache = await open(fresh());
        const entries = [first, second].map((entry) => Float32Array.from(entry));
        await cache.append(entries);
        // In another order, and one of them twice.
        const read = await cache.read([1, 0, 1]);
        await cache.close();
        for (const [position, entry] of [1, 0, 1].entries()) {
          const expected = entries[entry] as Float32Array;
          const range = Math.max(...expected) - Math.min(...expected);
          const tolerance = range / 255 / 2 + 1e-6 * Math.max(...expected.map(Math.abs));
          for (const [index, value] of expected.entries()) {
            expect(Math.abs(read[position * SIZE + index]! - value)).toBeLessThanOrEqual(tolerance);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('take one byte a value', async () => {
    const directory = fresh();
    const cache = await open(directory);
    await cache.append([0, 1, 2, 3].map(entryOf));
    await cache.close();
    const [name = ''] = await readdir(directory);
    const { size } = await stat(join(directory, name));
    expect(size).toBe(4 * (SIZE + 8));
  });
});

describe('the folder of a run', () => {
  it('does not fill with the features of other pictures and networks, and keeps all else', async () => {
    const directory = fresh();
    const [before, now] = ['0123456789abcdef01234567', '76543210fedcba9876543210'];
    for (const key of [before, now, now]) {
      const cache = await FeatureCache.open(directory, key as string, SIZE);
      if (cache.count === 0) await cache.append([entryOf(0)]);
      expect(cache.count).toBe(1);
      await cache.close();
      await writeFile(join(directory, 'my.features'), 'notes');
    }
    expect((await readdir(directory)).sort()).toEqual([`${now}.features`, 'my.features']);
  });
});

describe('a run that was cut off goes on with its features', () => {
  const whole = async (directory: string, entries: number) => {
    const cache = await open(directory);
    for (let entry = cache.count; entry < entries; entry++) await cache.append([entryOf(entry)]);
    const values = await cache.read(Array.from({ length: entries }, (_, entry) => entry));
    await cache.close();
    return [...values];
  };

  it('wherever in the file it was cut', async () => {
    const expected = await whole(fresh(), 4);
    const directory = fresh();
    await whole(directory, 4);
    const path = join(directory, 'key.features');
    const { size } = await stat(path);
    for (let bytes = 0; bytes <= size; bytes += 7) {
      await truncate(path, bytes);
      expect(await whole(directory, 4)).toEqual(expected);
    }
  });

  it('without the half entry at its end', async () => {
    const directory = fresh();
    await whole(directory, 2);
    await appendFile(join(directory, 'key.features'), Buffer.alloc(SIZE + 3));
    const cache = await open(directory);
    expect(cache.count).toBe(2);
    await cache.close();
  });
});

describe('features are computed anew', () => {
  let images: string[];
  beforeAll(async () => {
    images = ['a.jpg', 'b.jpg'].map((name) => join(folder, name));
    for (const image of images) await writeFile(image, 'picture');
  });
  const key = (network: EncoderNetwork = tinyNetwork(new Random(1)), paths = images, fit = 'squash') =>
    featureKey(network, paths, fit);

  it('never, while nothing changes', async () => {
    expect(await key()).toBe(await key());
  });

  it('for a network with one other weight, other scaling, or another feature', async () => {
    const network = tinyNetwork(new Random(1));
    const weights = new Map(network.weights);
    const { shape, values } = weights.get('second/kernel')!;
    weights.set('second/kernel', { shape, values: values.map((v, index) => (index === 7 ? v + 1e-6 : v)) });
    const others = [
      { ...network, weights },
      { ...network, input: { ...network.input, mean: 0 } },
      { ...network, feature: 'first' },
    ];
    const keys = await Promise.all([network, ...others].map((other) => key(other)));
    expect(new Set(keys).size).toBe(4);
  });

  it('for another picture, other pictures, or pictures made square in another way', async () => {
    const before = await key();
    expect(await key(undefined, images.slice(1))).not.toBe(before);
    expect(await key(undefined, images.toReversed())).not.toBe(before);
    expect(await key(undefined, images, 'centreCrop')).not.toBe(before);
    await writeFile(images[0]!, 'another picture');
    const changed = await key();
    expect(changed).not.toBe(before);
    await utimes(images[0]!, 1, 1);
    expect(await key()).not.toBe(changed);
  });
});
