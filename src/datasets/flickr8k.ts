import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LegendaError } from '../errors.js';
import type { Split } from './example.js';
import { ImageFolders } from './image-folders.js';
import { linesOf, readText } from './read-text.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';

const TOKENS = 'Flickr8k.token.txt';
const LISTS: Readonly<Record<Split, string>> = {
  train: 'Flickr_8k.trainImages.txt',
  dev: 'Flickr_8k.devImages.txt',
  test: 'Flickr_8k.testImages.txt',
};
/** `Flicker` is how the authors spelt it. */
const IMAGE_FOLDERS = ['Flicker8k_Dataset', 'Flickr8k_Dataset', 'Images', 'images', ''];

/** M. Hodosh, P. Young, J. Hockenmaier, "Framing Image Description as a Ranking Task", JAIR 47 (2013). */
export const flickr8k: DatasetReader = {
  name: 'flickr8k',
  description: `a folder with ${TOKENS}, ${LISTS.train}, ${LISTS.dev} and images in Flicker8k_Dataset/ or Images/`,
  recognises: async (path) => (await readdir(path).catch((): string[] => [])).includes(TOKENS),
  read: readFlickr8k,
};

async function readFlickr8k(path: string): Promise<ReadDataset> {
  const root = resolve(path);
  const captions = await readCaptions(join(root, TOKENS));
  const splits = await readLists(root);
  for (const id of splits.keys()) if (!captions.has(id)) captions.set(id, []);
  const images = new ImageFolders(root);
  const records: DatasetRecord[] = [];
  for (const [id, written] of captions) {
    const image = await images.find(id, IMAGE_FOLDERS);
    records.push({ id, image, captions: written, split: splits.get(id) });
  }
  return { root, records };
}

/** Lines of `NAME.jpg#0<TAB>caption`: the captions of each name. */
async function readCaptions(path: string): Promise<Map<string, string[]>> {
  const captions = new Map<string, string[]>();
  for (const { line, number } of linesOf(await readText(path))) {
    const parts = /^(.+)#\d+\t(.*)$/.exec(line);
    if (parts === null) {
      throw new LegendaError('DATASET_BROKEN', {
        expected: 'a line of image name, #, number, tab, caption',
        received: `"${line.slice(0, 60)}"`,
        advice: `correct line ${number} of ${path}`,
      });
    }
    const [, name = '', caption = ''] = parts;
    const written = captions.get(name);
    if (written === undefined) captions.set(name, [caption]);
    else written.push(caption);
  }
  return captions;
}

/** The split of each image that a list names; no list has to exist. */
async function readLists(root: string): Promise<Map<string, Split>> {
  const present = new Set(await readdir(root));
  const splits = new Map<string, Split>();
  for (const [split, list] of Object.entries(LISTS) as [Split, string][]) {
    if (!present.has(list)) continue;
    for (const { line } of linesOf(await readText(join(root, list)))) splits.set(line.trim(), split);
  }
  return splits;
}
