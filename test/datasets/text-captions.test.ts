import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextCaptions } from '../../src/datasets/index.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-text-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(content: string): string {
  const path = join(folder, 'captions.tsv');
  writeFileSync(path, content);
  return path;
}

describe('captions without pictures', () => {
  it('are read one a line, those of one ID together, wherever they stand', async () => {
    const path = write('7\tA dog runs .\r\n\nA cat sits.\n7\tThe dog.\nA cat sits.\n8\t\n');
    expect(await readTextCaptions(path)).toEqual([
      ['A dog runs .', 'The dog.'],
      ['A cat sits.'],
      ['A cat sits.'],
    ]);
  });

  it('are missed by name where a file has none or is not there', async () => {
    await expect(readTextCaptions(write('\n \n8\t \n'))).rejects.toMatchObject({ code: 'DATASET_BROKEN' });
    await expect(readTextCaptions(join(folder, 'none.txt'))).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
    });
  });
});
