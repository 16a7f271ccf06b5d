import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { brokenFile } from './broken.js';
import { ImageFolders, listSubFolders } from './image-folders.js';
import { headOf, onlyJson, readJson } from './read-json.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
import { requireSplit } from './splits.js';

const FILE = /\.json$/;

/** What A. Karpathy's neuraltalk2 (2015) trains on: its `prepro.py` takes this file. */
export const neuralTalk2: DatasetReader = {
  name: 'neuraltalk2',
  description:
    'a .json file that lists {"file_path", "captions"} and, if any, "split", or a folder with no other .json; images ' +
    'beside it or in its folders',
  recognises: async (path) => {
    const file = await onlyJson(path, FILE);
    return file !== undefined && isNeuralTalk2(await headOf(file));
  },
  read: readNeuralTalk2,
};

/** @param head how a JSON file begins. */
export function isNeuralTalk2(head: string): boolean {
  return /^\s*\[/.test(head) && /"file_path"\s*:/.test(head);
}

const rawFile = z.array(
  z.object({ file_path: z.string(), captions: z.array(z.string()), split: z.string().optional() }),
);

async function readNeuralTalk2(path: string): Promise<ReadDataset> {
  const file = await onlyJson(resolve(path), FILE);
  if (file === undefined) throw brokenFile(path, neuralTalk2.description, 'no .json in it, or several');
  const root = dirname(file);
  const folders = new ImageFolders(root);
  const places = ['', ...(await listSubFolders(root))];
  const records: DatasetRecord[] = [];
  const rows = await readJson(file, rawFile, 'a list of objects with file_path and captions');
  for (const { file_path: id, captions, split } of rows) {
    records.push({
      id,
      image: await folders.find(id, places),
      captions,
      split: split === undefined ? undefined : requireSplit(split, file),
    });
  }
  return { root, records };
}
