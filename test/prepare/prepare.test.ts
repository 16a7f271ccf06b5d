import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Example, readDataset } from '../../src/datasets/index.js';
import {
  describePreparation,
  inspectImages,
  mergeInspections,
  type Preparation,
  prepareDataset,
  writePreparation,
} from '../../src/prepare/index.js';
import { Writing } from '../../src/text/index.js';
import { type FixturePicture, fixtureFormats } from '../fixtures/datasets.js';

let folder: string;
let data: string;
let out: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'legenda-prepare-')));
  [data, out] = [join(folder, 'my photos'), join(folder, 'out')];
});
afterEach(() => rm(folder, { recursive: true }));

const words = { writing: new Writing(), minimumCount: 2, maximumLength: 20 };

async function prepared(): Promise<Preparation> {
  const dataset = await readDataset(data);
  const images = dataset.examples.map(({ image }) => image);
  // In two parts, as two workers would.
  const parts = [await inspectImages(images.slice(0, 5)), await inspectImages(images.slice(5))];
  return prepareDataset(dataset, mergeInspections(parts), words);
}

const HOSTILE = '</p><script>alert(1)</script><img src="https://example.com/x.png">';

/** 300 photos as people have them: some broken, missing, without words, in other languages, with 100 words. */
async function writeMess(): Promise<void> {
  const pictures: FixturePicture[] = Array.from({ length: 300 }, (_, n) => ({
    stem: `photo ${n}`,
    captions: ['Um cão corre.', 'A dog runs.', ['犬が走る。', 'كلب يجري', 'word '.repeat(100)][n % 3] ?? ''],
    hasImage: n % 50 !== 7,
  }));
  await fixtureFormats.coco?.write(data, [
    ...pictures,
    { stem: 'dots', captions: ['…', 'Dots.'] },
    { stem: 'hostile', captions: [HOSTILE] },
  ]);
  const whole = await readFile(join(data, 'photos/photo 3.jpg'));
  for (const n of [3, 103, 203]) await writeFile(join(data, `photos/photo ${n}.jpg`), whole.subarray(0, 150));
}

describe('a data set of many troubles', () => {
  it('is prepared: what cannot be learnt from is left out, each with its reason', async () => {
    await writeMess();
    const preparation = await prepared();
    expect(preparation.dataset.examples).toHaveLength(302 - 6 - 3);
    const ids = (reason: string) =>
      preparation.dataset.dropped.filter((dropped) => dropped.reason === reason).map(({ id }) => id);
    expect(ids('broken image').sort()).toEqual(['photo 103', 'photo 203', 'photo 3']);
    expect(ids('missing image')).toHaveLength(6);
    expect(ids('empty caption')).toEqual(['dots']);
    const text = describePreparation(preparation);
    expect(text).toContain('left out, broken image: 3 images');
    expect(text).toMatch(/pictures: 8×8 at the median/);
    expect(text).toMatch(/captions have more than 20 words/);
    expect(text).toMatch(/\d+ of \d+ words occur 2 times or more in train; unknown words: train [\d.]+ %/);
  });

  it('becomes a data set to train on, with the same pictures, captions and splits', async () => {
    await writeMess();
    const preparation = await prepared();
    await writePreparation(out, preparation);
    const { examples, dropped, format } = await readDataset(out);
    expect(format).toBe('table');
    expect(dropped).toEqual([]);
    const plain = (of: typeof examples) =>
      of.map(({ image, captions, split }) => ({ image: image.split('photos/').at(-1), captions, split }));
    expect(plain(examples)).toEqual(plain(preparation.dataset.examples));
    expect(await realpath(examples[0]?.image ?? '')).toBe(preparation.dataset.examples[0]?.image);
  });

  it('has a report that shows samples and what was left out, asks no host for anything and runs no caption', async () => {
    await writeMess();
    const preparation = await prepared();
    // Shown among the samples.
    const isHostile = ({ id }: Example) => id === 'hostile';
    const { examples: all } = preparation.dataset;
    const examples = [...all.filter(isHostile), ...all.filter((example) => !isHostile(example))];
    await writePreparation(out, { ...preparation, dataset: { ...preparation.dataset, examples } });
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).toContain('&lt;script&gt;alert(1)');
    expect(report).not.toMatch(/<script|<link|(src|href)="(?!data:)/);
    expect(report).toContain('src="data:image/jpeg;base64,');
    expect(report).toMatch(/broken image: 3<.*photo 103<\/td><td>the image is damaged/);
    const dropped = (await readFile(join(out, 'dropped.jsonl'), 'utf8')).trim().split('\n');
    expect(dropped).toHaveLength(preparation.dataset.dropped.length);
  });
});

it('prepares shards in place', async () => {
  await fixtureFormats.webdataset?.write(data, [
    { stem: 'a', captions: ['A dog.'], split: 'train' },
    { stem: 'b', captions: ['A cat.'], split: 'dev' },
  ]);
  await writePreparation(out, await prepared());
  const { examples } = await readDataset(out);
  expect(examples.map(({ captions, split }) => [captions, split])).toEqual([
    [['A cat.'], 'dev'],
    [['A dog.'], 'train'],
  ]);
  expect(await inspectImages(examples.map(({ image }) => image))).toMatchObject([{ width: 8 }, { width: 8 }]);
});

it('replaces what it wrote before, and nothing else', async () => {
  await fixtureFormats.coco?.write(data, [{ stem: 'a', captions: ['A dog.'] }]);
  const preparation = await prepared();
  await writePreparation(out, preparation);
  await writePreparation(out, preparation);
  expect((await readdir(out)).sort()).toEqual(['dropped.jsonl', 'examples.jsonl', 'images', 'report.html']);
  expect(await readdir(data)).toContain('captions.json');
  await mkdir(join(folder, 'holiday'));
  await writeFile(join(folder, 'holiday/photo.jpg'), '');
  await expect(writePreparation(join(folder, 'holiday'), preparation)).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
  });
});

it('says so when no picture can be decoded', async () => {
  await fixtureFormats.coco?.write(data, [{ stem: 'a', captions: ['A dog.'] }]);
  await writeFile(join(data, 'photos/a.jpg'), 'Dear reader');
  await expect(prepared()).rejects.toMatchObject({ code: 'DATASET_BROKEN' });
});
