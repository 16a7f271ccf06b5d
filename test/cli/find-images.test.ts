import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findImages } from '../../src/cli/find-images.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-find-'));
  await mkdir(join(root, 'b', 'deep'), { recursive: true });
  const files = [
    'c.JPG',
    'a.png',
    'notes.txt',
    '._a.png',
    'b/2.webp',
    'b/1.jpeg',
    'b/deep/x.heic',
    'no-extension',
  ];
  for (const file of files) await writeFile(join(root, file), '');
  await symlink(root, join(root, 'b', 'loop'));
});
afterAll(() => rm(root, { recursive: true }));

async function found(paths: readonly string[], recursive: boolean): Promise<string[]> {
  const images: string[] = [];
  for await (const image of findImages(
    paths.map((path) => join(root, path)),
    { recursive },
  )) {
    images.push(image.slice(root.length + 1).replaceAll('\\', '/'));
  }
  return images;
}

describe('findImages', () => {
  it('lists the images of a folder by name, and of its sub-folders only when asked', async () => {
    expect(await found([''], false)).toEqual(['a.png', 'c.JPG']);
    expect(await found([''], true)).toEqual(['a.png', 'b/1.jpeg', 'b/2.webp', 'b/deep/x.heic', 'c.JPG']);
  });

  it('passes on what is named, whatever it is, in the order of naming', async () => {
    const paths = ['notes.txt', 'missing.jpg', 'no-extension', 'a.png'];
    expect(await found(paths, false)).toEqual(paths);
    expect(await found(['b', 'a.png'], false)).toEqual(['b/1.jpeg', 'b/2.webp', 'a.png']);
  });
});
