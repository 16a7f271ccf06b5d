import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { brokenFile } from './broken.js';
import { type ColumnNames, imagesOfTable } from './columns.js';
import { ImageFolders, listSubFolders } from './image-folders.js';
import { readTable, TABLE } from './read-table.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';

/** A table of image names and captions, with one row a caption or one an image; also what `legenda prepare` writes. */
export const table: DatasetReader = {
  name: 'table',
  description:
    'a .csv, .tsv or .jsonl file with columns for image and caption (or captions) and, if any, split, or a folder with ' +
    'one such file; images beside it or in its folders',
  recognises: async (path) => (await tableFile(path)) !== undefined,
  read: async (path, columns) => {
    const file = await tableFile(resolve(path));
    if (file === undefined) throw brokenFile(path, table.description, 'no such file in it, or several');
    return readImageTable(file, columns);
  },
};

/** The file itself, or of a folder the only one. */
async function tableFile(path: string): Promise<string | undefined> {
  if (TABLE.test(path)) return path;
  const names = (await readdir(path).catch((): string[] => [])).filter((name) => TABLE.test(name));
  // legenda prepare writes others beside its own.
  const name = names.includes(EXAMPLES) ? EXAMPLES : names.length === 1 ? names[0] : undefined;
  return name === undefined ? undefined : join(path, name);
}

/** How `legenda prepare` calls its table. */
export const EXAMPLES = 'examples.jsonl';

/** @param file absolute. */
export async function readImageTable(file: string, columns: ColumnNames): Promise<ReadDataset> {
  const root = dirname(file);
  const folders = new ImageFolders(root);
  const places = ['', ...(await listSubFolders(root))];
  const records: DatasetRecord[] = [];
  for (const { image, ...said } of imagesOfTable(await readTable(file, columns), file, columns)) {
    records.push({ id: image, image: await folders.find(image, places), ...said });
  }
  return { root, records };
}
