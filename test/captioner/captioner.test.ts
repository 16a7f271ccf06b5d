import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CaptionedRow,
  type Captioner,
  type CaptionOptions,
  type CaptionRow,
  isCaptioned,
  loadCaptioner,
} from '../../src/captioner/index.js';
import { writeBlockPhoto } from '../support/block-photo.js';
import { type TinyOverrides, writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
let photos: string[];
let captioner: Captioner;
let models = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-captioner-'));
  photos = await Promise.all(Array.from({ length: 13 }, (_, seed) => writeBlockPhoto(folder, seed)));
  captioner = await load({});
});
afterAll(async () => {
  await captioner.close();
  await rm(folder, { recursive: true });
});

async function load(overrides: TinyOverrides): Promise<Captioner> {
  const directory = join(folder, `model-${models++}`);
  await writeTinyBundle(directory, overrides);
  return loadCaptioner(directory, { threads: 1 });
}

function captioned(rows: readonly CaptionRow[]): CaptionedRow[] {
  return rows.map((row) => {
    if (!isCaptioned(row)) throw new Error(JSON.stringify(row));
    return row;
  });
}

/** The rows, their numbers but nearly: a product of more rows may be summed in another order. */
function nearly(rows: readonly CaptionRow[]): unknown[] {
  return captioned(rows).map((row) => ({
    ...row,
    confidence: expect.closeTo(row.confidence, 4),
    captions: row.captions.map(({ text, logProbability, confidence }) => ({
      text,
      logProbability: expect.closeTo(logProbability, 3),
      confidence: expect.closeTo(confidence, 4),
    })),
  }));
}

describe('Captioner', () => {
  it('writes a row for each photo, in order, with the captions and what the model thinks of them', async () => {
    const rows = captioned(await captioner.caption(photos));
    expect(rows.map(({ image }) => image)).toEqual(photos);
    for (const { caption, confidence, captions, model } of rows) {
      expect(model).toBe('tiny');
      expect(caption).toMatch(/^[A-Z0-9].*\.$/);
      expect(captions[0]).toMatchObject({ text: caption, confidence });
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
    expect(new Set(rows.map(({ caption }) => caption)).size).toBeGreaterThan(3);
  });

  it.each([
    { attention: 'additive' },
    { attention: 'none', inject: 'state' },
    { attention: 'none', inject: 'everyStep', cell: 'gru' },
    { attention: 'additive', inject: 'firstToken', cell: 'simpleRnn', layers: 2 },
  ] as const)('captions alike in any batch with a decoder of %o', async (configuration) => {
    const model = await load({
      configuration,
      search: { method: 'beam', beamWidth: 4, lengthPenalty: 0.7, maximumLength: 8 },
    });
    for (const options of [
      { top: 3 },
      { method: 'greedy' },
      { method: 'diverse', top: 2 },
      { method: 'sample', seed: 7, top: 2 },
      { required: ['cat'] },
    ] as const) {
      const alone = nearly(await model.caption(photos, { ...options, batchSize: 1 }));
      expect(await model.caption(photos, { ...options, batchSize: 5 })).toEqual(alone);
      expect(await model.caption(photos, { ...options, batchSize: 32 })).toEqual(alone);
    }
    await model.close();
  });

  it('reads bytes as it reads files', async () => {
    const bytes = await Promise.all(photos.map((photo) => readFile(photo)));
    const fromBytes = captioned(await captioner.caption(bytes));
    const fromFiles = captioned(await captioner.caption(photos));
    expect(fromBytes.map(({ captions }) => captions)).toEqual(fromFiles.map(({ captions }) => captions));
    expect(fromBytes[0]?.image).toBe('bytes');
  });

  it('gives a photo that cannot be read a row with its error, in its place', async () => {
    const broken = join(folder, 'broken.jpg');
    await writeFile(broken, 'Dear reader,');
    const [first = '', second = ''] = photos;
    const missing = join(folder, 'missing.jpg');
    const rows = await captioner.caption([missing, first, broken, second, new Uint8Array()], {
      batchSize: 2,
    });
    expect(rows.map(({ image }) => image)).toEqual([missing, first, broken, second, 'bytes']);
    expect(rows.map((row) => ('error' in row ? row.error.code : 'captioned'))).toEqual([
      'IMAGE_NOT_FOUND',
      'captioned',
      'IMAGE_UNSUPPORTED',
      'captioned',
      'IMAGE_EMPTY',
    ]);
  });

  it('gives as many captions as asked, the best first, none twice', async () => {
    for (const { caption, captions } of captioned(
      await captioner.caption(photos, { top: 4, lengthPenalty: 0 }),
    )) {
      const scores = captions.map(({ logProbability }) => logProbability);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(new Set(captions.map(({ text }) => text)).size).toBe(4);
      expect(caption).toBe(captions[0]?.text);
    }
  });

  it('tells where the model looked for each word, when asked', async () => {
    const [row] = captioned(
      await captioner.caption(photos.slice(0, 1), { attention: true, maximumLength: 5 }),
    );
    const [best] = row?.captions ?? [];
    expect(best?.words?.map(({ word }) => word).join(' ')).toBe(best?.text.slice(0, -1).toLowerCase());
    for (const { attention } of best?.words ?? []) {
      expect(attention).toHaveLength(16);
      expect(attention.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
    }
  });

  it('takes from a stream no more than it needs to stay ahead', async () => {
    let given = 0;
    async function* endless() {
      for (;;) yield photos[given++ % photos.length] ?? '';
    }
    let received = 0;
    for await (const _ of captioner.captionAll(endless(), { batchSize: 4 })) {
      received++;
      expect(given - received).toBeLessThanOrEqual(3 * 4);
      if (received === 30) break;
    }
  });

  it('takes fewer photos at once where each has more captions under way, so that memory stays the same', async () => {
    const largest = async (options: CaptionOptions) => {
      const sizes: number[] = [];
      await captioner.caption(photos, { ...options, onBatch: (images) => sizes.push(images) });
      return Math.max(...sizes);
    };
    expect(await largest({ beamWidth: 3 })).toBe(6);
    expect(await largest({ beamWidth: 10 })).toBe(3);
    expect(await largest({ beamWidth: 10, batchSize: 13 })).toBe(13);
  });

  it('captions what several ask for at once as it does alone, and nothing once it is closed', async () => {
    const one = await load({});
    const asked: [string[], CaptionOptions][] = [
      [photos, { batchSize: 5 }],
      [photos.slice(3, 6), { batchSize: 1, method: 'greedy' }],
      [photos.toReversed(), { batchSize: 13, beamWidth: 5, top: 2 }],
    ];
    const alone: CaptionRow[][] = [];
    for (const [images, options] of asked) alone.push(await one.caption(images, options));
    const together = await Promise.all(asked.map(([images, options]) => one.caption(images, options)));
    expect(together).toEqual(alone);
    let begun = () => {};
    const underWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const last = one.caption(photos, { batchSize: 13, onBatch: () => begun() });
    await underWay;
    await one.close();
    expect(captioned(await last)).toHaveLength(13);
    await expect(one.caption(photos)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('stops when its signal says so', async () => {
    const abort = new AbortController();
    const rows: CaptionRow[] = [];
    const run = async () => {
      const source = (async function* () {
        yield* photos;
      })();
      for await (const row of captioner.captionAll(source, { batchSize: 4, signal: abort.signal })) {
        rows.push(row);
        if (rows.length === 4) abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(rows).toHaveLength(4);
  });

  it('writes each word that is required, in any of its forms, and none that is banned', async () => {
    for (const method of ['beam', 'greedy'] as const) {
      const options = { method, banned: ['Dog', 'woman'], required: [['grass', 'water'], 'two'] };
      const texts = captioned(await captioner.caption(photos, options)).map(({ caption }) => caption);
      for (const text of texts) expect(text).toMatch(/^(?=.*\btwo\b)(?=.*\b(grass|water)\b)/i);
      expect(texts.join(' ')).not.toMatch(/\b(dog|woman)\b/i);
    }
    const free = captioned(await captioner.caption(photos)).map(({ caption }) => caption);
    expect(free.join(' ')).toMatch(/\b(dog|woman)\b/i);
  });

  it('ends no caption with a word that no sentence ends with, unless it may', async () => {
    const ending = /\b(a|the|with)\.$/i;
    const options = { method: 'sample', top: 5, temperature: 2 } as const;
    const proper = captioned(await captioner.caption(photos, options)).flatMap(({ captions }) => captions);
    for (const { text } of proper) expect(text).not.toMatch(ending);
    const any = captioned(await captioner.caption(photos, { ...options, anyEnding: true }));
    expect(any.flatMap(({ captions }) => captions).some(({ text }) => ending.test(text))).toBe(true);
  });

  it('keeps to lengths and repeats nothing that it is told not to', async () => {
    const options = { minimumLength: 4, maximumLength: 6, noRepeatNgram: 1 };
    for (const { caption } of captioned(await captioner.caption(photos, options))) {
      const words = caption.slice(0, -1).toLowerCase().split(' ');
      expect(words.length).toBeGreaterThanOrEqual(4);
      expect(words.length).toBeLessThanOrEqual(6);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  it('searches as the model says, unless told otherwise', async () => {
    const search = { method: 'greedy', beamWidth: 3, lengthPenalty: 0.7, maximumLength: 8 } as const;
    const model = await load({ search: { ...search, minimumLength: 3, noRepeatNgram: 1 } });
    const asTold = { method: 'greedy', minimumLength: 3, noRepeatNgram: 1 } as const;
    expect(nearly(await model.caption(photos))).toEqual(nearly(await captioner.caption(photos, asTold)));
    const otherwise = { method: 'beam', minimumLength: 1, noRepeatNgram: 0 } as const;
    expect(nearly(await model.caption(photos, otherwise))).toEqual(nearly(await captioner.caption(photos)));
    await model.close();
  });

  it('names an option that does not fit', async () => {
    for (const wrong of [
      { batchSize: 0 },
      { top: 0 },
      { beamWidth: 2, top: 3 },
      { method: 'greedy', beamWidth: 2 },
      { temperature: 0.5 },
      { method: 'sample', topP: 2 },
      { method: 'diverse', groups: 2, beamWidth: 3 },
      { method: 'sample', required: ['dog'] },
      { banned: ['dog'], required: ['dog'] },
    ] as const) {
      await expect(captioner.caption(photos, wrong)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    }
  });

  it('names the nearest word that it knows for one that it does not', async () => {
    for (const wrong of [{ banned: ['streeet'] }, { required: [['dog', 'Streets']] }]) {
      await expect(captioner.caption(photos, wrong)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining('did you mean street?'),
      });
    }
    for (const wrong of ['', 'two dogs', '<unk>']) {
      await expect(captioner.caption(photos, { banned: [wrong] })).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});

describe('loadCaptioner', () => {
  it('says that a model does not exist, or which of its files is damaged', async () => {
    await expect(loadCaptioner(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    const directory = join(folder, 'damaged');
    await writeTinyBundle(directory);
    await writeFile(join(directory, 'decoder.onnx'), 'no graph');
    await expect(loadCaptioner(directory)).rejects.toMatchObject({
      code: 'BUNDLE_BROKEN',
      message: expect.stringContaining('decoder.onnx'),
    });
  });
});
