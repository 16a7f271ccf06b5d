import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fixtureFormats } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-train-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('legenda train --text', () => {
  it('reads any number of captions', async () => {
    const data = join(folder, 'data');
    await fixtureFormats['text-folder']?.write(data, [
      { stem: 'a', captions: ['A dog runs.'], split: 'train' },
    ]);
    const many = join(folder, 'many.txt');
    writeFileSync(many, 'A dog runs.\n'.repeat(200_000));
    const none = join(folder, 'none.txt');
    const read = await runCommand([
      'train',
      '--data',
      data,
      '--text',
      many,
      '--text',
      none,
      '--out',
      join(folder, 'run'),
    ]);
    // Past those that there are, it stops at those that there are not.
    expect(read).toMatchObject({ code: 1, stderr: expect.stringContaining('200,000 captions') });
    expect(read.stderr).toContain('none.txt');
    expect(read.stderr).not.toContain('INTERNAL');
  });
});
