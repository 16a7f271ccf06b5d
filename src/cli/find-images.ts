import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasImageExtension } from '../images/formats.js';

/**
 * The images that the paths name, in the order of the paths; those in a folder by name. What a path names is passed on
 * whatever it is, missing or not: to decode it tells what is wrong with it. In a folder only files that are called
 * images count, no hidden ones, and links to folders are not followed.
 */
export async function* findImages(
  paths: readonly string[],
  { recursive }: { readonly recursive: boolean },
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    const entries = await list(path);
    if (entries === undefined) yield path;
    for (const entry of entries ?? []) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) {
        if (recursive) yield* findImages([inside], { recursive });
      } else if (hasImageExtension(entry.name)) yield inside;
    }
  }
}

/** What a folder holds, by name; undefined if it is no folder that can be read. */
async function list(path: string): Promise<Dirent[] | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}
