import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionRow } from '../../src/captioner/index.js';
import { rowFormat } from '../../src/cli/caption-formats.js';
import { fileOutput } from '../../src/cli/caption-output.js';
import { FORMATS, type Format } from '../../src/cli/format-names.js';
import { inspectOutput } from '../../src/cli/written-rows.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-output-'));
});
afterAll(() => rm(folder, { recursive: true }));

const RESUME = { resume: true, overwrite: false };

/** Names of images with all that a line of text, JSON or CSV has to take care of; no two alike. */
const name = fc.string({
  unit: fc.constantFrom('a', 'é', '"', "'", ',', '\n', '\r', '\t', '\\', ' ', '=', '猫'),
  minLength: 1,
});
const rows = fc
  .uniqueArray(name, { maxLength: 6 })
  .chain((names) => fc.tuple(...names.map((image) => fc.boolean().map((fails) => rowOf(image, fails)))));

function rowOf(image: string, fails: boolean): CaptionRow {
  if (fails)
    return { image, error: { code: 'IMAGE_BROKEN', message: `the image is damaged: received ${image}` } };
  const captions = ['A "dog", running.', 'A cat.'].map((text, rank) => ({
    text,
    logProbability: -3.123456 - rank,
    confidence: 0.512345,
  }));
  return { image, caption: captions[0]?.text ?? '', confidence: 0.512345, captions, model: 'tiny' };
}

/** The row with at most so many captions. */
function withCaptions(row: CaptionRow, top: number): CaptionRow {
  return 'error' in row ? row : { ...row, captions: row.captions.slice(0, top) };
}

/** Writes the rows that the file does not hold yet, as `--resume` does. */
async function resume(
  path: string,
  all: readonly CaptionRow[],
  format: ReturnType<typeof rowFormat>,
): Promise<void> {
  const written = await inspectOutput(path, format, RESUME);
  const output = fileOutput(path, format, written);
  for (const row of all) if (!written.done.has(format.key(row.image))) await output.write(row);
  await output.close();
}

/** The file after the rows are written to it. */
async function written(path: string, all: readonly CaptionRow[], format: Format, top = 1): Promise<string> {
  await resume(path, all, rowFormat(format, top));
  return readFile(path, 'utf8');
}

describe('an output file', () => {
  it.each(FORMATS)('of %s, cut at any byte, is completed as if it had never been cut', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 1000 }),
        async (named, top, cut) => {
          const all = named.map((row) => withCaptions(row, top));
          const format = rowFormat(name, top);
          const path = join(folder, `${files++}`);
          await resume(path, all, format);
          const complete = await readFile(path);
          const left = complete.subarray(0, Math.round((cut / 1000) * complete.length));
          await writeFile(path, left);
          // A single line of text without its end may be anybody's.
          fc.pre(name !== 'text' || left.length === 0 || left.includes('\n'));
          await resume(path, all, format);
          expect(await readFile(path, 'utf8')).toBe(complete.toString());
        },
      ),
    );
  });

  it.each([
    ['jsonl', '{"image":"old.png","caption":"A."}'],
    ['csv', 'image,caption,confidence,error_code,error_message\nold.png,A dog.,0.5,,'],
    ['text', 'older.png\tA cat.\nold.png\tA dog.'],
    ['text', 'old.png\tA dog.'],
  ] as const)('of %s whose last line an editor left without its end is kept: %j', async (format, content) => {
    const path = join(folder, `${files++}`);
    await writeFile(path, content);
    const row = withCaptions(rowOf('new.png', false), 1);
    const expected = `${content}\n${rowFormat(format, 1).write(row)}`;
    expect(await written(path, [rowOf('old.png', false), row], format)).toBe(expected);
  });

  it('has the rows of images that failed replaced in their place, if they were tried again', async () => {
    for (const format of ['jsonl', 'csv'] as const) {
      const path = join(folder, `${files++}`);
      const [a, b, c, d] = ['a.png', 'b,"\n.png', 'c.png', 'd.png'] as const;
      const before = [rowOf(a, true), rowOf(b, true), rowOf(c, false)];
      await written(path, before, format, 2);
      // `a` is no longer among the images, `b` can be read now, `d` is new.
      const found = await written(path, [rowOf(b, false), rowOf(c, false), rowOf(d, false)], format, 2);
      const expected = [rowOf(a, true), rowOf(b, false), rowOf(c, false), rowOf(d, false)];
      const other = join(folder, `${files++}`);
      expect(found).toBe(await written(other, expected, format, 2));
    }
  });

  it('that is not of the format, or has other columns, is refused and left as it is', async () => {
    for (const [format, content] of [
      ['jsonl', '{"image":"a.png","caption":"A."}\nDear reader,\n'],
      ['jsonl', '17\n'],
      ['csv', 'image,caption\nb.png,A dog.\n'],
      ['csv', 'image,caption,confidence,error_code,error_message\nb.png,A dog.\n'],
      ['text', 'Dear reader,\n'],
      // One line of another file, named by mistake.
      ['text', 'hunter2'],
      ['csv', 'hunter2'],
      ['jsonl', 'hunter2'],
      ['jsonl', '{"image":"a.png","caption":"A."}\nhunter2'],
      ['jsonl', '{"name":"legenda"}'],
    ] as const) {
      const path = join(folder, `${files++}`);
      await writeFile(path, content);
      await expect(inspectOutput(path, rowFormat(format, 1), RESUME)).rejects.toMatchObject({
        code: 'USAGE',
      });
      expect(await readFile(path, 'utf8')).toBe(content);
    }
  });

  it('that cannot be written is named', async () => {
    const format = rowFormat('text', 1);
    const lost = join(folder, 'no', 'such', 'folder', 'captions.txt');
    const written = await inspectOutput(lost, format, RESUME);
    expect(() => fileOutput(lost, format, written)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_UNWRITABLE', message: expect.stringContaining(lost) }),
    );
    await expect(inspectOutput(folder, format, RESUME)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});
