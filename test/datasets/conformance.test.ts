import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dropped, readDataset, readers, type Split } from '../../src/datasets/index.js';
import { decodeImage } from '../../src/images/index.js';
import { type FixturePicture, fixtureFormats, writePhoto } from '../fixtures/datasets.js';

const PICTURES: readonly FixturePicture[] = [
  { stem: 'dog', split: 'train', captions: ['A dog runs.', 'Two words', 'A dog runs.'] },
  { stem: 'straße 1.5 #2', split: 'train', captions: ['Eine Straße mit „Gänsen“'] },
  { stem: '0003', split: 'dev', captions: ['a, b and c'] },
  { stem: 'cat', split: 'test', captions: ['  a cat '] },
  {
    stem: 'babel',
    split: 'train',
    captions: [
      'she says "no", twice',
      'Um cão não dorme.',
      '犬が走っています。',
      'كلب يجري',
      'one hundred words '.repeat(34).trim(),
    ],
  },
];

describe.each(readers)('the $name reader', (reader) => {
  const format = fixtureFormats[reader.name];
  if (format === undefined) throw new Error(`test/fixtures/datasets.ts cannot write ${reader.name}`);
  const statesSplits = format.lacks?.includes('splits') !== true;
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
      if (statesSplits) expect(example?.split).toBe(picture.split);
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
    const id = (stem: string) => format.idOf({ stem, split: 'train', captions: [] });
    const left: (readonly [FixturePicture, Dropped])[] = [
      [
        { stem: 'gone', split: 'train', captions: ['not there'], hasImage: false },
        { id: id('gone'), reason: 'missing image' },
      ],
      [
        { stem: 'dots', split: 'train', captions: ['...', 'but words here'] },
        { id: id('dots'), reason: 'empty caption' },
      ],
    ];
    if (format.lacks?.includes('pictures without captions') !== true) {
      left.push([
        { stem: 'mute', split: 'train', captions: [] },
        { id: id('mute'), reason: 'no captions' },
      ]);
    }
    if (statesSplits) {
      const undecided = { stem: 'undecided', captions: ['in no split'] };
      left.push([undecided, { id: format.idOf(undecided), reason: 'no split' }]);
    }
    await format.write(folder, [...PICTURES, ...left.map(([picture]) => picture)]);
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toHaveLength(PICTURES.length + 1);
    expect(dropped).toHaveLength(left.length);
    expect(dropped).toEqual(expect.arrayContaining(left.map(([, expected]) => expected)));
    expect(examples.find((example) => example.id === id('dots'))?.captions).toEqual(['but words here']);
  });

  it.runIf(statesSplits)('has no picture both to learn from and to be judged by', async () => {
    const twins = (['train', 'dev', 'test'] as const).map(
      (split) => ({ stem: `twin ${split}`, split, captions: ['a twin'], looks: 'twin' }) as const,
    );
    await format.write(folder, [...PICTURES, ...twins]);
    const { examples, dropped } = await readDataset(folder);
    const [train, dev, test] = twins.map(format.idOf);
    expect(examples.filter((example) => example.captions.includes('a twin')).map(({ id }) => id)).toEqual([
      test,
    ]);
    expect(dropped.map(({ id }) => id).sort()).toEqual([dev, train].sort());
    expect(dropped[0]).toMatchObject({ reason: 'duplicate', detail: expect.stringContaining(test ?? '') });
  });

  it('draws one split for all copies of a picture', async () => {
    const pictures = Array.from({ length: 60 }, (_, i) => ({
      stem: `p${i}`,
      captions: [`pair ${i >> 1}`],
      looks: `pair ${i >> 1}`,
    }));
    await format.write(folder, pictures);
    const { examples } = await readDataset(folder, { devShare: 0.3 });
    expect(examples).toHaveLength(pictures.length);
    const splits = new Map(examples.map(({ captions, split }) => [captions[0], split]));
    expect(new Set(splits.values())).toEqual(new Set(['train', 'dev', 'test']));
    for (const { captions, split } of examples) expect(split).toBe(splits.get(captions[0]));
  });

  it.runIf(statesSplits)('takes dev out of train where there is none, and leaves test as it is', async () => {
    const pictures = Array.from({ length: 40 }, (_, i) => ({
      stem: `p${i}`,
      captions: [`picture ${i}`],
      split: i < 30 ? ('train' as const) : ('test' as const),
    }));
    await format.write(folder, pictures);
    const { examples } = await readDataset(folder, { devShare: 0.2 });
    const count = (split: Split) => examples.filter((example) => example.split === split).length;
    expect(count('test')).toBe(10);
    expect(count('dev')).toBeGreaterThan(0);
    expect(count('train') + count('dev')).toBe(30);
  });

  it('reads no picture from outside', async () => {
    const inside = join(folder, 'a/data set');
    const outside = ['../outside', '../../outside', join(folder, 'outside')];
    await format.write(inside, [
      ...PICTURES,
      ...outside.map((stem) => ({ stem, split: 'train' as const, captions: ['secret'], hasImage: false })),
    ]);
    for (const place of ['', 'a']) await writePhoto(join(folder, place, 'outside.jpg'));
    const { examples, root } = await readDataset(inside);
    expect(root).toBe(inside);
    expect(examples).toHaveLength(PICTURES.length);
    for (const { image } of examples) expect(image.startsWith(inside + sep)).toBe(true);
  });

  it('names the reasons when nothing is left', async () => {
    await format.write(folder, [{ stem: 'gone', captions: ['not there'], hasImage: false }]);
    await expect(readDataset(folder, { format: reader.name })).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringContaining('1 missing image'),
    });
  });
});
