import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findImages } from '../../src/images/index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-find-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function touch(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), '');
  }
}

/** What is found, relative to the root; with the code behind it where there is an error. */
async function find(paths: readonly string[], recursive = false): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, error } of findImages(
    paths.map((path) => join(root, path)),
    { recursive },
  )) {
    found.push(relative(root, path) + (error === undefined ? '' : ` ${error.code}`));
  }
  return found;
}

describe('findImages', () => {
  it("finds a folder's images by extension, in capitals or not, sorted, and nothing else", async () => {
    await touch(
      'b.PNG',
      'a.jpg',
      'B.jpeg',
      'c.webp',
      'd.gif',
      'e.TIFF',
      'f.avif',
      'g.heic',
      'h.tif',
      'i.jfif',
    );
    await touch(
      'notes.txt',
      'jpg',
      '.jpg',
      '.hidden.jpg',
      'x.jpg.part',
      'sub/z.jpg',
      'folder.jpg/inside.png',
    );
    const expected = [
      'B.jpeg',
      'a.jpg',
      'b.PNG',
      'c.webp',
      'd.gif',
      'e.TIFF',
      'f.avif',
      'g.heic',
      'h.tif',
      'i.jfif',
    ];
    expect(await find(['.'])).toEqual(expected);
  });

  it('takes sub-folders only when told to, in their place among the names', async () => {
    await touch('m.jpg', 'a/2.jpg', 'a/1.jpg', 'a/deep/er/3.jpg', 'z/4.jpg', '.git/5.jpg', 'empty/notes.txt');
    expect(await find(['.'])).toEqual(['m.jpg']);
    expect(await find(['.'], true)).toEqual(['a/1.jpg', 'a/2.jpg', 'a/deep/er/3.jpg', 'm.jpg', 'z/4.jpg']);
  });

  it('takes a named file whatever its name, and keeps the order given, repeats and all', async () => {
    await touch('photo', 'a.jpg', '.hidden.jpg', 'sub/b.jpg');
    const named = ['sub', 'photo', '.hidden.jpg', 'a.jpg', 'sub', 'a.jpg'];
    expect(await find(named)).toEqual(['sub/b.jpg', 'photo', '.hidden.jpg', 'a.jpg', 'sub/b.jpg', 'a.jpg']);
  });

  it('names what does not exist, and goes on', async () => {
    await touch('a.jpg', 'sub/b.jpg');
    await symlink(join(root, 'nothing'), join(root, 'sub/a-link.jpg'));
    expect(await find(['none.jpg', 'a.jpg', 'a.jpg/x.jpg', 'sub'])).toEqual([
      'none.jpg IMAGE_NOT_FOUND',
      'a.jpg',
      'a.jpg/x.jpg IMAGE_NOT_FOUND',
      'sub/a-link.jpg IMAGE_NOT_FOUND',
      'sub/b.jpg',
    ]);
  });

  it('follows links to images and folders, and ends where links go round', async () => {
    await touch('real/a.jpg', 'real/inner/b.jpg');
    await symlink(join(root, 'real/a.jpg'), join(root, 'real/link.jpg'));
    await symlink(join(root, 'real'), join(root, 'real/inner/up'));
    await symlink(join(root, 'real/self'), join(root, 'real/self'));
    await symlink(join(root, 'real/inner'), join(root, 'real/twin'));
    expect(await find(['real'], true)).toEqual(['real/a.jpg', 'real/inner/b.jpg', 'real/link.jpg']);
    expect(await find(['real'])).toEqual(['real/a.jpg', 'real/link.jpg']);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'names a folder that may not be read, and goes on (not as root, who may read all)',
    async () => {
      await touch('closed/a.jpg', 'open/b.jpg');
      await chmod(join(root, 'closed'), 0);
      expect(await find(['.'], true)).toEqual(['closed IMAGE_UNREADABLE', 'open/b.jpg']);
      await chmod(join(root, 'closed'), 0o700);
    },
  );

  it('gives the first image before it looks at the last path', async () => {
    await touch('a.jpg');
    async function* paths(): AsyncGenerator<string> {
      yield join(root, 'a.jpg');
      throw new Error('asked for more than was taken');
    }
    const first = await findImages(paths(), { recursive: false }).next();
    expect(first.value).toEqual({ path: join(root, 'a.jpg') });
  });
});
