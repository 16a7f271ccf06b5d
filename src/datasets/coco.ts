import { readdir } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { z } from 'zod';
import type { Split } from './example.js';
import { ImageFolders, listSubFolders } from './image-folders.js';
import { isKarpathy } from './karpathy.js';
import { isNeuralTalk2 } from './neuraltalk2.js';
import { headOf, readJson } from './read-json.js';
import type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
import { requireSplit, splitNamed } from './splits.js';

/** X. Chen et al., "Microsoft COCO Captions" (2015), arXiv:1504.00325; `split` is an addition in common use. */
export const coco: DatasetReader = {
  name: 'coco',
  description:
    'a COCO captions file (.json with images and annotations), or a folder with captions.json or ' +
    'annotations/captions_*.json; images in photos/, images/, a folder named as the split (train2017/), or beside',
  recognises: async (path) => {
    if (!path.endsWith('.json')) return (await captionFiles(path)).length > 0;
    const head = await headOf(path);
    return !isKarpathy(head) && !isNeuralTalk2(head);
  },
  read: readCoco,
};

const id = z.union([z.number(), z.string()]).transform(String);
const captionsFile = z.object({
  images: z.array(z.object({ id, file_name: z.string(), split: z.string().optional() })),
  annotations: z.array(z.object({ image_id: id, caption: z.string() })),
});
type CaptionsFile = z.output<typeof captionsFile>;
const EXPECTED = 'images with id and file_name, annotations with image_id and caption';

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
  const records: FiledRecord[] = [];
  for (const file of files) {
    const { images, annotations } = await readJson(file, captionsFile, EXPECTED);
    const captions = captionsByImage(annotations);
    const token = /^captions_(.*)\.json$/.exec(basename(file))?.[1];
    for (const image of images) {
      const split = image.split === undefined ? splitNamed(token ?? '') : requireSplit(image.split, file);
      records.push({
        id: image.id,
        file,
        image: await folders.find(image.file_name, imageFolders(token, split, subFolders)),
        captions: captions.get(image.id) ?? [],
        split,
      });
    }
  }
  return { root, records: tellApart(records) };
}

type FiledRecord = DatasetRecord & { readonly file: string };

/** Puts the file's name before ids that stand for different pictures in different files: `captions_val/1`. */
function tellApart(records: readonly FiledRecord[]): DatasetRecord[] {
  const first = new Map<string, FiledRecord>();
  const shared = new Set<string>();
  for (const record of records) {
    const known = first.get(record.id);
    if (known === undefined) first.set(record.id, record);
    else if (known.file !== record.file && known.image !== record.image) shared.add(record.id);
  }
  return records.map(({ file, ...record }) =>
    shared.has(record.id) ? { ...record, id: `${parse(file).name}/${record.id}` } : record,
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
