import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findCopies, memberPath } from '../../src/images/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-copies-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = async (name: string, ...parts: readonly Uint8Array[]) => {
  const path = join(folder, name);
  await writeFile(path, Buffer.concat(parts));
  return path;
};
const bytes = (length: number, value: number) => Buffer.alloc(length, value);

it('tells pictures apart by all of their bytes, not by their size or end', async () => {
  const end = bytes(10_000, 7);
  const first = await file('first', bytes(5, 1), end);
  const other = await file('other', bytes(5, 2), end);
  const copy = await file('copy', bytes(5, 1), end);
  const longer = await file('longer', bytes(6, 1), end);
  const copies = await findCopies([first, other, copy, longer, copy]);
  expect([...copies]).toEqual([[copy, first]]);
});

it('compares members of archives with files, and passes over what cannot be read', async () => {
  const picture = bytes(9_000, 3);
  const alone = await file('alone', picture);
  const archive = await file('shard.tar', bytes(512, 0), picture, bytes(99, 0), picture);
  const members = [512, 512 + 9_000 + 99].map((offset) =>
    memberPath({ archive, offset, size: picture.length }, 'x.jpg'),
  );
  const gone = join(folder, 'gone');
  const copies = await findCopies([gone, alone, ...members, folder]);
  expect([...copies]).toEqual(members.map((member) => [member, alone]));
});
