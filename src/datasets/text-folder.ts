import { readdir } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { hasImageExtension } from '../images/formats.js';
import type { Split } from './example.js';
import { linesOf, readText } from './read-text.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
import { splitNamed } from './splits.js';

/** How many caption files are read at a time. */
const READS_IN_FLIGHT = 64;

/** Each image with a text file of the same name beside it, as most captioning and labelling tools write them. */
export const textFolder: DatasetReader = {
  name: 'text-folder',
  description:
    'a folder of images (x.jpg, x.png, …), each with its captions in x.txt, one a line; ' +
    'splits, if any, in sub-folders train/, dev/ (or val/) and test/',
  recognises: async (path) => {
    for (const { files } of await listFolders(resolve(path))) {
      if (files.some((file) => file.image !== undefined && file.text !== undefined)) return true;
    }
    return false;
  },
  read: readTextFolder,
};

/** An image and its captions' file, by absolute path: those files of a folder that share a name. */
interface Pair {
  readonly id: string;
  readonly image: string | undefined;
  readonly text: string | undefined;
}

async function readTextFolder(path: string): Promise<ReadDataset> {
  const root = resolve(path);
  const records: DatasetRecord[] = [];
  for (const { files, split } of await listFolders(root)) {
    for (let from = 0; from < files.length; from += READS_IN_FLIGHT) {
      const pairs = files.slice(from, from + READS_IN_FLIGHT);
      records.push(...(await Promise.all(pairs.map((pair) => readPair(pair, split)))));
    }
  }
  return { root, records };
}

async function readPair({ id, image, text }: Pair, split: Split | undefined): Promise<DatasetRecord> {
  const captions = text === undefined ? [] : [...linesOf(await readText(text))].map(({ line }) => line);
  return { id, image, captions, split };
}

/** The folder itself and those of its sub-folders that are named as splits, each with its pairs sorted by name. */
async function listFolders(root: string): Promise<{ files: Pair[]; split: Split | undefined }[]> {
  const names = (await readdir(root).catch(() => [])).sort();
  const listed = [{ files: pairs(root, '', names), split: undefined as Split | undefined }];
  for (const name of names) {
    const split = splitNamed(name);
    if (split === undefined) continue;
    const inside = (await readdir(join(root, name)).catch(() => [])).sort();
    listed.push({ files: pairs(join(root, name), `${name}/`, inside), split });
  }
  return listed;
}

/** A second image of the same name makes a second pair: a duplicate. Hidden files are not looked at. */
function pairs(folder: string, prefix: string, names: readonly string[]): Pair[] {
  const visible = names.filter((name) => !name.startsWith('.'));
  const texts = new Map(
    visible.filter((name) => /\.txt$/i.test(name)).map((name) => [parse(name).name, name]),
  );
  const found: Pair[] = [];
  const add = (stem: string, image: string | undefined, text: string | undefined) =>
    found.push({
      id: `${prefix}${stem}`,
      image: image === undefined ? undefined : join(folder, image),
      text: text === undefined ? undefined : join(folder, text),
    });
  const shown = new Set<string>();
  for (const name of visible.filter(hasImageExtension)) {
    const stem = parse(name).name;
    shown.add(stem);
    add(stem, name, texts.get(stem));
  }
  for (const [stem, name] of texts) if (!shown.has(stem)) add(stem, undefined, name);
  return found;
}
