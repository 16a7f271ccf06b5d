import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionRow } from '../../src/captioner/index.js';
import { rowFormat } from '../../src/cli/caption-formats.js';
import { fileOutput, inspectOutput } from '../../src/cli/caption-output.js';
import { FORMATS } from '../../src/cli/format-names.js';

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

/** Writes the rows that the file does not hold yet, as `--resume` does. */
async function resume(
  path: string,
  all: readonly CaptionRow[],
  format: ReturnType<typeof rowFormat>,
): Promise<void> {
  const written = await inspectOutput(path, format, RESUME);
  const output = fileOutput(path, format, written);
  for (const row of all) if (!written.images.has(format.key(row.image))) await output.write(row);
  output.close();
}

describe('an output file', () => {
  it.each(FORMATS)('of %s, cut at any byte, is completed as if it had never been cut', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 1000 }),
        async (all, top, cut) => {
          const format = rowFormat(name, top);
          const path = join(folder, `${files++}`);
          await resume(path, all, format);
          const complete = await readFile(path);
          await writeFile(path, complete.subarray(0, Math.round((cut / 1000) * complete.length)));
          await resume(path, all, format);
          expect(await readFile(path, 'utf8')).toBe(complete.toString());
        },
      ),
    );
  });

  it('that is not of the format, or has other columns, is refused and left as it is', async () => {
    for (const [format, content] of [
      ['jsonl', '{"image":"a.png","caption":"A."}\nDear reader,\n'],
      ['jsonl', '17\n'],
      ['csv', 'image,caption\nb.png,A dog.\n'],
      ['csv', 'image,caption,confidence,error_code,error_message\nb.png,A dog.\n'],
      ['text', 'Dear reader,\n'],
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
