import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CaptionRow } from '../../src/captioner/index.js';
import { LegendaError } from '../../src/errors.js';
import { captionJobSchema, captionResultSchema, parseCaptionJob } from '../../src/jobs/contract.js';
import {
  parsePreprocessJob,
  preprocessJobSchema,
  preprocessProgressSchema,
  preprocessResultSchema,
} from '../../src/jobs/preprocess-contract.js';
import {
  parseTrainJob,
  trainJobSchema,
  trainProgressSchema,
  trainResultSchema,
} from '../../src/jobs/train-contract.js';

const SCHEMAS = {
  'caption-job': captionJobSchema,
  'caption-result': captionResultSchema,
  'preprocess-job': preprocessJobSchema,
  'preprocess-progress': preprocessProgressSchema,
  'preprocess-result': preprocessResultSchema,
  'train-job': trainJobSchema,
  'train-progress': trainProgressSchema,
  'train-result': trainResultSchema,
};

function refusalOf(parse: (data: unknown) => unknown, data: unknown): unknown {
  try {
    return parse(data);
  } catch (error) {
    return error;
  }
}

describe('the published contract', () => {
  it.each(Object.entries(SCHEMAS))(
    'docs/jobs/%s.schema.json is as the code has it (UPDATE_DOCS=1 writes it again)',
    async (name, schema) => {
      const page = new URL(`../../docs/jobs/${name}.schema.json`, import.meta.url);
      const text = `${JSON.stringify(z.toJSONSchema(schema), undefined, 2)}\n`;
      if (process.env.UPDATE_DOCS === '1') await writeFile(page, text);
      expect(await readFile(page, 'utf8')).toBe(text);
    },
  );
});

describe('the data of a caption job', () => {
  const images = [{ path: 'a.jpg' }];

  it('may name images by path, by address and as bytes, and ask for what the command line can', () => {
    const job = {
      version: 1,
      images: [{ id: 'one', path: 'a.jpg' }, { url: 'https://example.org/b.png' }, { base64: 'aGVsbG8=' }],
      model: 'legenda-default',
      options: {
        method: 'beam',
        beamWidth: 5,
        top: 3,
        required: ['dog', ['cat', 'cats']],
        minimumConfidence: 0.2,
      },
      callback: 'https://example.org/done',
    };
    expect(parseCaptionJob(job)).toEqual(job);
  });

  it.each([
    ['no object', null, 'expected object'],
    ['another version', { version: 2, images }, 'version'],
    ['no images', { version: 1, images: [] }, 'images'],
    ['too many images', { version: 1, images: Array(1001).fill(images[0]) }, 'images'],
    [
      'an image in two ways',
      { version: 1, images: [{ path: 'a', url: 'https://b.c' }] },
      'images.0: Expected one of',
    ],
    ['an image in no way', { version: 1, images: [{ id: 'a' }] }, 'images.0: Expected one of'],
    ['bytes that are not base64', { version: 1, images: [{ base64: '%' }] }, 'images.0.base64'],
    ['an address of a file', { version: 1, images: [{ url: 'file:///etc/passwd' }] }, 'images.0.url'],
    ['a field that there is not', { version: 1, images, opions: {} }, 'opions'],
    [
      'an option that there is not',
      { version: 1, images, options: { beam: 3 } },
      'options: Unrecognized key: "beam"',
    ],
    ['an option out of its range', { version: 1, images, options: { beamWidth: 1e9 } }, 'options.beamWidth'],
    ['an option of the worker', { version: 1, images, options: { batchSize: 1e9 } }, 'batchSize'],
    ['a callback to a file', { version: 1, images, callback: 'file:///etc/passwd' }, 'callback'],
  ])('is refused with %s, and where is told', (_, data, where) => {
    const refused = refusalOf(parseCaptionJob, data);
    expect(refused).toBeInstanceOf(LegendaError);
    expect(refused).toMatchObject({ code: 'JOB_INVALID', received: expect.stringContaining(where) });
  });
});

describe('the result of a caption job', () => {
  const captions = [{ text: 'A dog.', logProbability: -2, confidence: 0.5 }];
  const rows: CaptionRow[] = [
    {
      image: 'a',
      caption: 'A dog.',
      confidence: 0.5,
      captions,
      tags: [{ label: 'dog', probability: 0.9 }],
      model: 'm',
    },
    {
      image: 'b',
      caption: null,
      confidence: 0.1,
      captions: [],
      reason: 'below --min-confidence',
      model: 'm',
    },
    { image: 'c', error: { code: 'IMAGE_BROKEN', message: 'the image is damaged' } },
    {
      image: 'd',
      caption: 'A dog.',
      confidence: 0.5,
      captions: [
        {
          ...captions[0]!,
          words: [{ word: 'a', probability: 0.5, attention: [1], beside: [{ word: 'dog', weight: 0 }] }],
        },
      ],
      model: 'm',
    },
  ];

  it('is made of the rows of the command line, each kind of them, and of nothing else', () => {
    expect(captionResultSchema.parse({ version: 1, results: rows })).toEqual({ version: 1, results: rows });
    const wrong = [
      { image: 'a' },
      { ...rows[0], error: { code: 'INTERNAL', message: '' } },
      { ...rows[2], extra: 1 },
    ];
    for (const row of wrong) {
      expect(captionResultSchema.safeParse({ version: 1, results: [row] }).success).toBe(false);
    }
  });
});

describe('the data of a train job', () => {
  const job = { version: 1, data: ['/data/birds'], name: 'birds' };

  it('may ask for what the command line can', () => {
    const whole = {
      ...job,
      text: ['/data/texts.txt'],
      configuration: { stages: { decoder: { epochs: 2 } } },
      set: ['decoder.cell=gru'],
      init: 'legenda-default',
    };
    expect(parseTrainJob(whole)).toEqual(whole);
  });

  it.each([
    ['another version', { ...job, version: 2 }, 'version'],
    ['no data', { ...job, data: [] }, 'data'],
    ['a field that there is not', { ...job, epochs: 2 }, 'epochs'],
    ['a folder elsewhere', { ...job, name: '../birds' }, 'name'],
    ['a folder within another', { ...job, name: 'birds/wild' }, 'name'],
    ['a hidden folder', { ...job, name: '.birds' }, 'name'],
    ['no name', { ...job, name: undefined }, 'name'],
  ])('is refused with %s, and where is told', (_, data, where) => {
    expect(refusalOf(parseTrainJob, data)).toMatchObject({
      code: 'JOB_INVALID',
      received: expect.stringContaining(where),
    });
  });
});

describe('the data of a preprocess job', () => {
  const job = { version: 1, data: '/data/birds', name: 'birds' };

  it('may ask for what the command line can', () => {
    const whole = {
      ...job,
      format: 'table',
      columns: { image: 'photo', captions: ['title', 'text'], split: 'part' },
      devShare: 0.1,
      seed: 3,
      set: ['language=pt'],
    };
    expect(parsePreprocessJob(whole)).toEqual(whole);
  });

  it.each([
    ['another version', { ...job, version: 2 }, 'version'],
    ['no data', { ...job, data: '' }, 'data'],
    ['a field that there is not', { ...job, out: 'birds' }, 'out'],
    ['a column that there is not', { ...job, columns: { foto: 'a' } }, 'columns: Unrecognized key: "foto"'],
    ['all of it for dev', { ...job, devShare: 1 }, 'devShare'],
    ['a folder elsewhere', { ...job, name: '../birds' }, 'name'],
  ])('is refused with %s, and where is told', (_, data, where) => {
    expect(refusalOf(parsePreprocessJob, data)).toMatchObject({
      code: 'JOB_INVALID',
      received: expect.stringContaining(where),
    });
  });
});
