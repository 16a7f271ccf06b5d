import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import type { Split } from './example.js';
import { ImageFolders } from './image-folders.js';
import { readText } from './read-text.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
import { splitNamed } from './splits.js';

/** X. Chen et al., "Microsoft COCO Captions" (2015), arXiv:1504.00325; `split` is an addition in common use. */
export const coco: DatasetReader = {
  name: 'coco',
  description:
    'a COCO captions file (.json with images and annotations), or a folder with captions.json or ' +
    'annotations/captions_*.json; images in photos/, images/, a folder named as the split (train2017/), or beside',
  recognises: async (path) => path.endsWith('.json') || (await captionFiles(path)).length > 0,
  read: readCoco,
};

const id = z.union([z.number(), z.string()]).transform(String);
const captionsFile = z.object({
  images: z.array(z.object({ id, file_name: z.string(), split: z.string().optional() })),
  annotations: z.array(z.object({ image_id: id, caption: z.string() })),
});
type CaptionsFile = z.output<typeof captionsFile>;

/** The caption files of a folder, sorted by name: `captions.json`, `captions_*.json`, or such in `annotations/`. */
async function captionFiles(folder: string): Promise<string[]> {
  for (const place of [folder, join(folder, 'annotations')]) {
    const names = (await readdir(place).catch(() => [])).sort();
    const found = names.filter((name) => /^captions(_.*)?\.json$/.test(name));
    if (found.length > 0) return found.map((name) => join(place, name));
  }
  return [];
}

async function readCoco(path: string): Promise<ReadDataset> {
  const absolute = resolve(path);
  const files = absolute.endsWith('.json') ? [absolute] : await captionFiles(absolute);
  const beside = absolute.endsWith('.json') ? dirname(absolute) : absolute;
  const root = basename(beside) === 'annotations' ? dirname(beside) : beside;
  const folders = new ImageFolders(root);
  const subFolders = await listSubFolders(root);
  const records: DatasetRecord[] = [];
  for (const file of files) {
    const { images, annotations } = await parseCaptionsFile(file);
    const captions = captionsByImage(annotations);
    const token = /^captions_(.*)\.json$/.exec(basename(file))?.[1];
    for (const image of images) {
      const split = image.split === undefined ? splitNamed(token ?? '') : knownSplit(image.split, file);
      records.push({
        id: image.id,
        image: await folders.find(image.file_name, imageFolders(token, split, subFolders)),
        captions: captions.get(image.id) ?? [],
        split,
      });
    }
  }
  return { name: basename(root), records };
}

async function parseCaptionsFile(file: string): Promise<CaptionsFile> {
  const text = await readText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw broken(file, 'valid JSON', cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = captionsFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw broken(
    file,
    'images with id and file_name, annotations with image_id and caption',
    `${issue?.message}${place}`,
  );
}

function captionsByImage(annotations: CaptionsFile['annotations']): Map<string, string[]> {
  const captions = new Map<string, string[]>();
  for (const { image_id: image, caption } of annotations) {
    const written = captions.get(image);
    if (written === undefined) captions.set(image, [caption]);
    else written.push(caption);
  }
  return captions;
}

function broken(file: string, expected: string, problem: string, cause?: unknown): LegendaError {
  return new LegendaError('DATASET_BROKEN', { expected, received: `${file} (${problem})`, cause });
}

function knownSplit(word: string, file: string): Split {
  const split = splitNamed(word);
  if (split !== undefined) return split;
  throw new LegendaError('DATASET_BROKEN', {
    expected: 'a split of train, dev (or val) or test',
    received: `"${word}"`,
    advice: `correct it in ${file}`,
  });
}

/** The folders directly in the data set, and in its `images/` and `photos/`, by their relative paths. */
async function listSubFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const parent of ['', 'images', 'photos']) {
    const entries = await readdir(join(root, parent), { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    found.push(...folders.map((entry) => join(parent, entry.name)).sort());
  }
  return found;
}

/**
 * Where an image may lie, most likely first. With a file for each split, a name may stand for another picture in another
 * split's folder, so those are not looked into; with one file for all, COCO's own folders do not follow the splits.
 */
function imageFolders(
  token: string | undefined,
  split: Split | undefined,
  subFolders: readonly string[],
): readonly string[] {
  const splitOf = (folder: string) => splitNamed(basename(folder));
  const own = subFolders.filter(
    (folder) => basename(folder) === token || (split !== undefined && splitOf(folder) === split),
  );
  const others = subFolders.filter((folder) => token === undefined || splitOf(folder) === undefined);
  return [...own, 'photos', 'images', '', ...others];
}
