import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';

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
      if ((await this.list(dirname(path))).has(basename(path))) return path;
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
