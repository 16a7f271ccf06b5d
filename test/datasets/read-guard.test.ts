import { mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset, readTextCaptions } from '../../src/datasets/index.js';
import { fixtureFormats } from '../fixtures/datasets.js';

const pictures = [
  { stem: 'a', captions: ['A dog runs.'], split: 'train' },
  { stem: 'b', captions: ['A cat sits.'], split: 'dev' },
  { stem: 'c', captions: ['A bird sings.'], split: 'test' },
] as const;

describe('a guard', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'legenda-guard-')));
    await mkdir(join(folder, 'outside'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const guard = async (file: string) => {
    const real = await realpath(file);
    if (!real.startsWith(join(folder, 'root') + sep)) throw new Error(`not allowed: ${file}`);
  };

  it.each(Object.entries(fixtureFormats))(
    'of %s keeps each file that is a link out of the root from being read',
    async (name, format) => {
      const root = join(folder, 'root', name);
      await format.write(root, pictures);
      expect((await readDataset(root, { guard })).examples).toHaveLength(pictures.length);
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      // No data set could be read from it: not even how it begins is looked at.
      const [elsewhere, kept] = [join(folder, 'outside', 'secret'), join(folder, 'outside', 'kept')];
      await writeFile(elsewhere, 'A secret.');
      for (const file of files) {
        await rename(file, kept);
        await symlink(elsewhere, file);
        for (const chosen of [{}, { format: name }])
          await expect(readDataset(root, { guard, ...chosen }), file).rejects.toThrow('not allowed');
        await rm(file);
        await rename(kept, file);
      }
      expect(files.length).toBeGreaterThan(0);
    },
  );

  it('is asked about a picture without captions too, of which the name would be told', async () => {
    const root = join(folder, 'root', 'uncaptioned');
    await fixtureFormats['text-folder']?.write(root, pictures);
    await writeFile(join(folder, 'outside', 'secret.jpg'), '');
    await symlink(join(folder, 'outside', 'secret.jpg'), join(root, 'train', 'secret.jpg'));
    await expect(readDataset(root, { guard })).rejects.toThrow('not allowed');
  });

  it('is asked about captions without pictures', async () => {
    const file = join(folder, 'outside', 'captions.txt');
    await writeFile(file, 'A dog runs.\n');
    await expect(readTextCaptions(file, guard)).rejects.toThrow('not allowed');
  });
});
