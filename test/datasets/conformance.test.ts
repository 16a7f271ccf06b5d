import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDataset, readers, type Split } from '../../src/datasets/index.js';
import { decodeImage } from '../../src/images/index.js';
import { type FixturePicture, fixtureFormats } from '../fixtures/datasets.js';

const PICTURES: readonly FixturePicture[] = [
  { stem: 'dog', split: 'train', captions: ['A dog runs.', 'Two words', 'A dog runs.'] },
  { stem: 'straße 1.5 #2', split: 'train', captions: ['Eine Straße mit „Gänsen“'] },
  { stem: '0003', split: 'dev', captions: ['a, b and c'] },
  { stem: 'cat', split: 'test', captions: ['  a cat '] },
];

describe.each(readers)('the $name reader', (reader) => {
  const format = fixtureFormats[reader.name];
  if (format === undefined) throw new Error(`test/fixtures/datasets.ts cannot write ${reader.name}`);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-dataset-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is found by itself, and by no other', async () => {
    await format.write(folder, PICTURES);
    for (const other of readers) expect(await other.recognises(folder)).toBe(other === reader);
    const dataset = await readDataset(folder);
    expect(dataset).toMatchObject({ format: reader.name, name: basename(folder), dropped: [] });
    expect(await readDataset(folder, { format: reader.name })).toEqual(dataset);
  });

  it('keeps every picture with its captions as written, in its split', async () => {
    await format.write(folder, PICTURES);
    const { examples } = await readDataset(folder);
    const byId = new Map(examples.map((example) => [example.id, example]));
    expect(byId.size).toBe(PICTURES.length);
    for (const picture of PICTURES) {
      const example = byId.get(format.idOf(picture));
      expect(example?.captions).toEqual(picture.captions.map((caption) => caption.trim()));
      expect(example?.split).toBe(picture.split);
      expect(isAbsolute(example?.image ?? '')).toBe(true);
      await decodeImage(example?.image ?? '', { width: 8, height: 8, fit: 'squash' });
    }
  });

  it('splits pictures that say nothing: the same with the same seed, others with another', async () => {
    const pictures = Array.from({ length: 60 }, (_, i) => ({ stem: `p${i}`, captions: ['a picture'] }));
    await format.write(folder, pictures);
    const splits = async (seed: number) => (await readDataset(folder, { seed })).examples.map((e) => e.split);
    const first = await splits(1);
    expect(await splits(1)).toEqual(first);
    expect(await splits(2)).not.toEqual(first);
    const count = (split: Split) => first.filter((other) => other === split).length;
    expect(count('dev')).toBeGreaterThan(0);
    expect(count('train')).toBeGreaterThan(40);
  });

  it('says what it left out and why', async () => {
    await format.write(folder, [
      ...PICTURES,
      { stem: 'gone', split: 'train', captions: ['not there'], hasImage: false },
      { stem: 'mute', split: 'train', captions: [] },
      { stem: 'dots', split: 'train', captions: ['...', 'but words here'] },
      { stem: 'undecided', captions: ['in no split'] },
    ]);
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toHaveLength(PICTURES.length + 1);
    const id = (stem: string) => format.idOf({ stem, split: 'train', captions: [] });
    expect(dropped).toHaveLength(4);
    expect(dropped).toEqual(
      expect.arrayContaining([
        { id: id('gone'), reason: 'missing image' },
        { id: id('mute'), reason: 'no captions' },
        { id: id('dots'), reason: 'empty caption' },
        { id: format.idOf({ stem: 'undecided', captions: [] }), reason: 'no split' },
      ]),
    );
    expect(examples.find((example) => example.id === id('dots'))?.captions).toEqual(['but words here']);
  });

  it('names the reasons when nothing is left', async () => {
    await format.write(folder, [{ stem: 'gone', captions: ['not there'], hasImage: false }]);
    await expect(readDataset(folder, { format: reader.name })).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringContaining('1 missing image'),
    });
  });
});
