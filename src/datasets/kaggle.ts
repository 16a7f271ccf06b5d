import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { brokenFile } from './broken.js';
import { headOf } from './read-json.js';
import type { DatasetReader } from './reader.js';
import { readImageTable } from './table.js';

/** Of Flickr8k, and of Flickr30k, whose columns are separated by bars. */
const FILES = ['captions.txt', 'results.csv'];
const HEADER = /^\ufeff?image(_name)?\s*[,|]/i;

/** Flickr8k and Flickr30k as Kaggle's users have them. They say no splits. */
export const kaggle: DatasetReader = {
  name: 'kaggle',
  description: 'a folder with captions.txt (first line image,caption) or results.csv, and images in Images/',
  recognises: async (path) => (await captionsFile(path)) !== undefined,
  read: async (path, columns) => {
    const file = await captionsFile(resolve(path));
    if (file === undefined) throw brokenFile(path, kaggle.description, 'no such file in it');
    return readImageTable(file, columns);
  },
};

async function captionsFile(path: string): Promise<string | undefined> {
  const names = await readdir(path).catch((): string[] => []);
  const name = FILES.find((candidate) => names.includes(candidate));
  if (name === undefined) return undefined;
  const file = join(path, name);
  return HEADER.test(await headOf(file)) ? file : undefined;
}
