import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBrokenImages } from '../../src/training/broken-images.js';
import { RunFolder } from '../../src/training/run-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-run-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('after a power cut, which leaves zeros in files that were not yet on the disk', () => {
  it('a run goes on without the lines of its log that are lost', async () => {
    const run = await RunFolder.open(folder, false);
    await writeFile(join(folder, 'log.jsonl'), '{"totalSteps":1}\n\0\0\0\0\n{"totalSteps":3}\n');
    await run.truncateLog(3);
    expect(await run.readLog()).toEqual([{ totalSteps: 1 }, { totalSteps: 3 }]);
  });

  it('and looks at its pictures again', async () => {
    const file = join(folder, 'broken-images.json');
    await writeFile(file, '\0\0\0');
    const loader = { load: async () => Promise.reject(new Error('no picture')) };
    const broken = await findBrokenImages(['a.jpg'], loader as never, file);
    expect(broken).toMatchObject([{ image: 'a.jpg' }]);
    expect(await findBrokenImages(['a.jpg'], loader as never, file)).toEqual(broken);
  });
});
