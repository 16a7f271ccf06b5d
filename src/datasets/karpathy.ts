import { dirname, posix, resolve } from 'node:path';
import { z } from 'zod';
import { brokenFile } from './broken.js';
import { ImageFolders, listSubFolders } from './image-folders.js';
import { headOf, onlyJson, readJson } from './read-json.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
import { requireSplit } from './splits.js';

const FILE = /^dataset(_.*)?\.json$/;

/** The splits of A. Karpathy, L. Fei-Fei, "Deep Visual-Semantic Alignments" (CVPR 2015), which papers report on. */
export const karpathy: DatasetReader = {
  name: 'karpathy',
  description:
    "A. Karpathy's dataset_*.json (images, each with filename, sentences and split), or a folder with one; images in " +
    'the folder that filepath names, in images/ or beside',
  recognises: async (path) => {
    const file = await onlyJson(path, FILE);
    return file !== undefined && isKarpathy(await headOf(file));
  },
  read: readKarpathy,
};

/** @param head how a JSON file begins. */
export function isKarpathy(head: string): boolean {
  return /^\s*\{/.test(head) && /"sentences"\s*:/.test(head);
}

const datasetFile = z.object({
  images: z.array(
    z.object({
      filename: z.string(),
      filepath: z.string().optional(),
      split: z.string().optional(),
      sentences: z.array(z.object({ raw: z.string() })),
    }),
  ),
});

async function readKarpathy(path: string): Promise<ReadDataset> {
  const file = await onlyJson(resolve(path), FILE);
  if (file === undefined) throw brokenFile(path, karpathy.description, 'no such file in it, or several');
  const root = dirname(file);
  const folders = new ImageFolders(root);
  const subFolders = await listSubFolders(root);
  const { images } = await readJson(
    file,
    datasetFile,
    'images with filename and sentences, each of these with raw',
  );
  const records: DatasetRecord[] = [];
  for (const { filename, filepath = '', split, sentences } of images) {
    const id = posix.join(filepath, filename);
    records.push({
      id,
      image: (await folders.find(id, ['', 'images'])) ?? (await folders.find(filename, subFolders)),
      captions: sentences.map(({ raw }) => raw),
      split: split === undefined ? undefined : requireSplit(split, file),
    });
  }
  return { root, records };
}
