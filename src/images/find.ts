import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LegendaError } from '../errors.js';
import { hasImageExtension } from './formats.js';
import { unreadable } from './read-image.js';

/** A path to be captioned, or one that cannot be, with the reason. */
export interface FoundImage {
  /** As given, or the given folder joined with what lies in it. */
  readonly path: string;
  /** `IMAGE_NOT_FOUND` or `IMAGE_UNREADABLE`. */
  readonly error?: LegendaError;
}

export interface FindOptions {
  /** Whether folders within the given folders are searched too. */
  readonly recursive: boolean;
}

/**
 * The images that paths stand for, one after another: a file itself, whatever its name; a folder's files with the
 * extension of an image, sorted by name (by UTF-16 code, so everywhere alike), sub-folders in their place among them.
 * Hidden files and folders are passed over; a folder that links lead to twice is searched once.
 *
 * No more is held in memory than the names of the folder being read and of those that it lies in.
 */
export async function* findImages(
  paths: Iterable<string> | AsyncIterable<string>,
  options: FindOptions,
): AsyncGenerator<FoundImage, void, undefined> {
  for await (const path of paths) {
    const kind = await kindOf(path);
    if (kind.folder === undefined) yield { path, ...kind };
    else yield* imagesIn(path, options, new Set([kind.folder]));
  }
}

/** @param visited the folders searched so far by device and inode, so that links that lead back end. */
async function* imagesIn(
  folder: string,
  options: FindOptions,
  visited: Set<string>,
): AsyncGenerator<FoundImage, void, undefined> {
  let entries: string[];
  try {
    entries = await namesIn(folder, options);
  } catch (error) {
    yield { path: folder, error: unreadable(error, folder) };
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.slice(1));
    if (entry[0] === FILE) {
      yield { path };
      continue;
    }
    const kind = await kindOf(path);
    if (kind.folder === undefined) {
      // A link to a file, perhaps to nothing.
      if (hasImageExtension(path)) yield { path, ...kind };
    } else if (options.recursive && !visited.has(kind.folder)) {
      visited.add(kind.folder);
      yield* imagesIn(path, options, visited);
    }
  }
}

const FILE = 'f';
const FOLDER_OR_LINK = 'd';

/** Names of image files, folders and links, sorted, each behind a letter for what it is: an object would be larger. */
async function namesIn(folder: string, { recursive }: FindOptions): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isFile()) {
      if (hasImageExtension(entry.name)) names.push(FILE + entry.name);
    } else if (entry.isSymbolicLink() || (entry.isDirectory() && recursive)) {
      names.push(FOLDER_OR_LINK + entry.name);
    }
  }
  return names.sort((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1));
}

/** A folder's identity; nothing for a file; an error for what cannot be looked at. */
async function kindOf(path: string): Promise<{ folder?: string; error?: LegendaError }> {
  try {
    const status = await stat(path, { bigint: true });
    return status.isDirectory() ? { folder: `${status.dev}:${status.ino}` } : {};
  } catch (error) {
    return { error: unreadable(error, path) };
  }
}
