import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { parseMemberPath } from './archive-member.js';
import { readImage } from './read-image.js';

/** Bytes at an image's end that are compared before the whole: there two photos hardly ever agree, as headers do. */
const TAIL = 4096;

/** Files looked at at once. */
const AT_ONCE = 32;

/**
 * Images that are byte for byte the same as one before them, each with the first such. What cannot be read is the same as
 * nothing. Only images of one size with one end are read through, so this is quick where there are few.
 */
export async function findCopies(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const size = async (path: string) => String((await placeOf(path)).size);
  const content = async (path: string) => sha256(await readImage(path));
  let groups = [[...new Set(paths)]];
  for (const keyOf of [size, tailHash, content]) groups = await refine(groups, keyOf);
  return new Map(groups.flatMap(([first = '', ...copies]) => copies.map((copy) => [copy, first] as const)));
}

/** The groups split by key; those left with one member, and what has no key, are left out. */
async function refine(
  groups: readonly (readonly string[])[],
  keyOf: (path: string) => Promise<string>,
): Promise<string[][]> {
  const refined = new Map<string, string[]>();
  const members = groups.flatMap((paths, group) => paths.map((path) => ({ path, group })));
  for (let from = 0; from < members.length; from += AT_ONCE) {
    const some = members.slice(from, from + AT_ONCE);
    const keys = await Promise.all(some.map(({ path }) => keyOf(path).catch(() => undefined)));
    some.forEach(({ path, group }, index) => {
      const key = keys[index];
      if (key === undefined) return;
      const same = refined.get(`${group} ${key}`);
      if (same === undefined) refined.set(`${group} ${key}`, [path]);
      else same.push(path);
    });
  }
  return [...refined.values()].filter((paths) => paths.length > 1);
}

async function placeOf(path: string): Promise<{ file: string; offset: number; size: number }> {
  const member = parseMemberPath(path);
  if (member !== undefined) return { ...member, file: member.archive };
  const status = await stat(path);
  if (!status.isFile()) throw new Error('not a file');
  return { file: path, offset: 0, size: status.size };
}

async function tailHash(path: string): Promise<string> {
  const { file, offset, size } = await placeOf(path);
  const length = Math.min(TAIL, size);
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset + size - length);
    return sha256(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
