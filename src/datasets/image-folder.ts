import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { brokenFile } from './broken.js';
import { imagesOfTable } from './columns.js';
import type { Split } from './example.js';
import { ImageFolders } from './image-folders.js';
import { readTable } from './read-table.js';
import type { DatasetReader, DatasetRecord } from './reader.js';
import { splitNamed } from './splits.js';

/** Hugging Face's ImageFolder: a table in the folder of its images. */
export const imageFolder: DatasetReader = {
  name: 'imagefolder',
  description:
    "Hugging Face's ImageFolder: metadata.jsonl or metadata.csv with file_name and text (or caption, captions), in the " +
    'folder itself or in its train/, validation/ and test/',
  recognises: async (path) => (await metadataFiles(path)).length > 0,
  read: async (path, columns) => {
    const root = resolve(path);
    const files = await metadataFiles(root);
    if (files.length === 0) throw brokenFile(path, imageFolder.description, 'no such file in it');
    const folders = new ImageFolders(root);
    const records: DatasetRecord[] = [];
    for (const { folder, name } of files) {
      const file = join(root, folder, name);
      for (const { image, split, ...said } of imagesOfTable(await readTable(file, columns), file, columns)) {
        const id = join(folder, image);
        records.push({
          id,
          image: await folders.find(image, [folder]),
          split: split ?? splitNamed(basename(folder)) ?? splitOf(image),
          ...said,
        });
      }
    }
    return { root, records };
  },
};

/** The tables of a folder, of its `data/` and of those of their folders that are named as splits. */
async function metadataFiles(root: string): Promise<{ folder: string; name: string }[]> {
  const found: { folder: string; name: string }[] = [];
  const look = async (folder: string): Promise<void> => {
    const names = (await readdir(join(root, folder)).catch((): string[] => [])).sort();
    const name = ['metadata.jsonl', 'metadata.csv'].find((candidate) => names.includes(candidate));
    if (name !== undefined) found.push({ folder, name });
    if (splitNamed(basename(folder)) !== undefined) return;
    const deeper = names.filter(
      (next) => splitNamed(next) !== undefined || (folder === '' && next === 'data'),
    );
    for (const next of deeper) await look(join(folder, next));
  };
  await look('');
  return found;
}

/** The split of `train/` in `train/dog.jpg`. */
function splitOf(image: string): Split | undefined {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 ? splitNamed(first) : undefined;
}
