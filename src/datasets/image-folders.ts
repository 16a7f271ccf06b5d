import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { fileOf } from '../images/index.js';

/** Finds a data set's images by name, listing each folder once and asking about no file by itself. */
export class ImageFolders {
  private readonly listings = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(private readonly root: string) {}

  /**
   * The path of the file in the first of the folders that has it; undefined if none does.
   * @param name may itself name sub-folders; one that leads out of the data set is not found.
   * @param folders relative to the data set; the empty string is the data set's own folder.
   */
  async find(name: string, folders: readonly string[]): Promise<string | undefined> {
    const inside = normalize(name);
    if (isAbsolute(inside) || inside.split(sep)[0] === '..') return undefined;
    for (const folder of folders) {
      const path = join(this.root, folder, inside);
      const file = fileOf(path);
      if ((await this.list(dirname(file))).has(basename(file))) return path;
    }
    return undefined;
  }

  /** The names in a folder that may not exist. */
  private list(folder: string): Promise<ReadonlySet<string>> {
    let listing = this.listings.get(folder);
    if (listing === undefined) {
      listing = readdir(folder).then(
        (names) => new Set(names),
        () => new Set<string>(),
      );
      this.listings.set(folder, listing);
    }
    return listing;
  }
}

/** The folders directly in the data set, and in its `images/` and `photos/`, by their relative paths. */
export async function listSubFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const parent of ['', 'images', 'photos']) {
    const entries = await readdir(join(root, parent), { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    found.push(...folders.map((entry) => join(parent, entry.name)).sort());
  }
  return found;
}
