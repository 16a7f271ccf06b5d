import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Captioner,
  type CaptionOptions,
  isCaptioned,
  loadCaptioner,
} from '../../src/captioner/index.js';
import { Random } from '../../src/random.js';
import { TINY_TAGS, writeTinyBundle } from '../support/tiny-bundle.js';

/** A probability that the likeliest tag of about half of the photos has. */
const LEAST = 0.21;
const TAGGED = { configuration: { tags: 2 }, tags: TINY_TAGS } as const;

let folder: string;
let captioner: Captioner;
let photos: Uint8Array[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-named-tags-'));
  await writeTinyBundle(join(folder, 'model'), TAGGED);
  captioner = await loadCaptioner(join(folder, 'model'), { threads: 1 });
  const random = new Random(3);
  photos = await Promise.all(
    Array.from({ length: 12 }, () => {
      const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, () => random.integer(256));
      const image = sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } });
      return image.resize(32, 32, { kernel: 'nearest' }).png().toBuffer();
    }),
  );
});
afterAll(async () => {
  await captioner.close();
  await rm(folder, { recursive: true });
});

/** The words of each photo's caption, and the tags at least so probable. */
async function captions(least: number, options: CaptionOptions, by = captioner) {
  const rows = (await by.caption(photos, options)).filter(isCaptioned);
  expect(rows).toHaveLength(photos.length);
  return rows.map(({ caption, tags = [] }) => ({
    words: caption.slice(0, -1).toLowerCase().split(' '),
    tags: tags.filter(({ probability }) => probability >= least).map(({ label }) => label),
  }));
}

describe('nameTags', () => {
  it('makes each caption of a batch name what its own photo surely shows, the others staying as they are', async () => {
    const rows = (await captioner.caption(photos)).filter(isCaptioned);
    // The likeliest tag of each photo that has one: half of them are to be named.
    const likeliest = rows.flatMap(({ tags = [] }) => tags.slice(0, 1)).map(({ probability }) => probability);
    const least = likeliest.sort((x, y) => x - y)[Math.floor(likeliest.length / 2)] ?? 0;
    const free = await captions(least, {});
    expect(free.some(({ words, tags }) => tags.some((tag) => !words.includes(tag)))).toBe(true);
    expect(free.some(({ tags }) => tags.length === 0)).toBe(true);
    for (const method of ['beam', 'greedy'] as const) {
      const unasked = await captions(least, { method });
      const named = await captions(least, { method, nameTags: least });
      for (const [index, { words, tags }] of named.entries()) {
        expect(words).toEqual(expect.arrayContaining(tags));
        if (tags.length === 0 && method === 'beam') expect(words).toEqual(unasked[index]?.words);
      }
    }
  });

  it('leaves a caption that names all by itself as it is, and is the same in any batch', async () => {
    // All captions have the first of the tags, none the others.
    const model = join(folder, 'telling');
    await writeTinyBundle(model, { ...TAGGED, tags: { ...TINY_TAGS, words: ['on', 'cat', 'ball'] } });
    const telling = await loadCaptioner(model, { threads: 1 });
    try {
      const free = await captions(LEAST, {}, telling);
      const named = await captions(LEAST, { nameTags: LEAST }, telling);
      const names = ({ words, tags }: (typeof free)[number]) => tags.every((tag) => words.includes(tag));
      expect(free.some((caption) => caption.tags.length > 0 && names(caption))).toBe(true);
      expect(free.some((caption) => !names(caption))).toBe(true);
      for (const [index, caption] of named.entries()) {
        if (names(free[index]!)) expect(caption).toEqual(free[index]);
        else expect(caption).not.toEqual(free[index]);
      }
      for (const batchSize of [1, 5]) {
        expect(await captions(LEAST, { nameTags: LEAST, batchSize }, telling)).toEqual(named);
      }
    } finally {
      await telling.close();
    }
  });

  it('keeps what else is required and banned', async () => {
    const options = { nameTags: 0.25, required: ['grass', 'two', 'red'], banned: ['ball'] };
    for (const { words, tags } of await captions(0.25, options)) {
      expect(words).toEqual(expect.arrayContaining(['grass', 'two', 'red']));
      expect(words).not.toContain('ball');
      const [first] = tags.filter((tag) => tag !== 'ball');
      if (first !== undefined) expect(words).toContain(first);
    }
  });

  it('does nothing in a model that has no words for what its classifier sees', async () => {
    await writeTinyBundle(join(folder, 'blind'));
    const blind = await loadCaptioner(join(folder, 'blind'), { threads: 1 });
    expect(await captions(0.3, { nameTags: 0.3 }, blind)).toEqual(await captions(0.3, {}, blind));
    await blind.close();
  });

  it('names a value out of its range, and a method that has no use for it', async () => {
    for (const wrong of [
      { nameTags: -0.1 },
      { nameTags: 1.2 },
      { nameTags: 0.5, method: 'sample' as const },
    ]) {
      await expect(captioner.caption(photos, wrong)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    }
  });
});
