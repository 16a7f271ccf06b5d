import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { readDataset } from '../../src/datasets/index.js';
import { trainFromFiles, trainingConfigurationSchema } from '../../src/training/index.js';

const LONG = `${'a very '.repeat(50)}long caption`;
const LANGUAGES = ['a red shape', 'uma forma vermelha', '赤い形です'];
const configuration = trainingConfigurationSchema.parse({
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: { decoder: { epochs: 1, batch: 8 }, endToEnd: { epochs: 0 } },
});

let folder: string;
let data: string;
let out: string;
let count: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-messy-'));
  data = join(folder, 'messy');
  out = join(folder, 'run');
  await writeShapes({ out: data, images: 100 });
  const { examples } = await readDataset(data);
  count = examples.length;
  const rows = examples.map(({ image }, index) => ({
    image: image.slice(data.length + 1),
    captions: [
      LANGUAGES[index % 3],
      index % 10 === 1 ? LONG : 'a shape',
      ...(index % 25 === 0 ? ['  '] : []),
    ],
    split: index % 5 === 0 ? 'dev' : 'train',
  }));
  await writeFile(join(data, rows[7]!.image), 'not a picture');
  const written = [
    ...rows,
    { image: 'gone.png', captions: ['a shape that is not there'], split: 'train' },
    { image: rows[8]!.image, captions: [], split: 'train' },
  ];
  await writeFile(join(data, 'table.jsonl'), written.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a data set with broken, missing and empty parts, in three languages, with captions of a hundred words', () => {
  it('is learnt from all the same, and the report lists what was left out', async () => {
    const messages: string[] = [];
    const result = await trainFromFiles({
      configuration,
      data: [data],
      reading: { format: 'table' },
      text: [],
      out,
      onMessage: (message) => messages.push(message),
    });
    expect(result.finished).toBe(true);
    const { data: report } = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
    const [{ leftOut, images }] = report.datasets;
    expect(images.train + images.dev).toBe(count - 1);
    expect(leftOut).toEqual({
      'missing image': ['gone.png'],
      'empty caption': expect.arrayContaining([expect.any(String)]),
      IMAGE_UNSUPPORTED: [expect.stringMatching(/\.png$/)],
    });
    expect(leftOut['empty caption']).toHaveLength(Math.ceil(count / 25));
    expect(report.captionsCut).toBeGreaterThan(0);
    const page = await readFile(join(out, 'report.html'), 'utf8');
    for (const id of Object.values(leftOut).flat() as string[]) expect(page).toContain(id);
    const said = messages.join('\n');
    for (const reason of ['missing image', 'empty caption', 'broken image']) expect(said).toContain(reason);
  });
});
