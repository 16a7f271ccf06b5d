import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasImageExtension } from '../images/formats.js';

/** The images at the given paths: files as they are named, folders' images by name. */
export async function* findImages(
  paths: readonly string[],
  { recursive }: { readonly recursive: boolean },
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isDirectory()) {
      yield path;
      continue;
    }
    const entries = await readdir(path, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) {
        if (recursive) yield* findImages([inside], { recursive });
      } else if (hasImageExtension(entry.name)) yield inside;
    }
  }
}
