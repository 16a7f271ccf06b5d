import { readdir } from 'node:fs/promises';
import { basename, dirname, join, parse, posix, resolve } from 'node:path';
import { hasImageExtension } from '../images/formats.js';
import { memberPath } from '../images/index.js';
import { brokenFile } from './broken.js';
import { captionsIn } from './columns.js';
import type { Split } from './example.js';
import { listMembers, type Member } from './list-members.js';
import { linesOf } from './read-text.js';
import type { DatasetReader, DatasetRecord } from './reader.js';
import { splitNamed } from './splits.js';

/** Captions, by the extension that they are under; the first that a sample has counts. */
const TEXTS = ['caption', 'txt', 'json'];

/** Shards of T. Breuel's WebDataset, as `img2dataset` writes them. Images are read in place, from within the shards. */
export const webDataset: DatasetReader = {
  name: 'webdataset',
  description:
    'a .tar shard of x.jpg with x.txt, x.caption or x.json (caption), or a folder of shards; splits, if any, in their ' +
    'names (train-0001.tar) or in sub-folders train/, dev/ (or val/) and test/',
  recognises: async (path) => (await shardsOf(path)).length > 0,
  read: async (path) => {
    const absolute = resolve(path);
    const shards = await shardsOf(absolute);
    if (shards.length === 0) throw brokenFile(path, webDataset.description, 'no shard in it');
    const root = isShard(absolute) ? dirname(absolute) : absolute;
    const records: DatasetRecord[] = [];
    for (const { name, split } of shards) records.push(...(await readShard(root, name, split)));
    return { root, records };
  },
};

function isShard(name: string): boolean {
  return /\.tar$/i.test(name);
}

/** The shard itself, or those of a folder and of its folders named as splits, sorted by name. */
async function shardsOf(path: string): Promise<{ name: string; split: Split | undefined }[]> {
  if (isShard(path)) return [{ name: basename(path), split: splitIn(basename(path)) }];
  const names = (await readdir(path).catch((): string[] => [])).sort();
  const shards = names.filter(isShard).map((name) => ({ name, split: splitIn(name) }));
  for (const folder of names) {
    const split = splitNamed(folder);
    if (split === undefined) continue;
    const inside = (await readdir(join(path, folder)).catch((): string[] => [])).sort();
    shards.push(...inside.filter(isShard).map((name) => ({ name: join(folder, name), split })));
  }
  return shards;
}

/** The split that one of a shard's name's words is. */
function splitIn(name: string): Split | undefined {
  for (const word of parse(name).name.split(/[-_.]/)) {
    const split = splitNamed(word);
    if (split !== undefined) return split;
  }
  return undefined;
}

interface Sample {
  image?: Member;
  readonly texts: Map<string, string>;
}

/** A sample is the files of a shard whose names agree up to the first dot. */
async function readShard(root: string, name: string, split: Split | undefined): Promise<DatasetRecord[]> {
  const archive = join(root, name);
  const samples = new Map<string, Sample>();
  const members = await listMembers(archive, (member) => TEXTS.includes(keyAndExtension(member).extension));
  for (const member of members) {
    const { key, extension } = keyAndExtension(member.name);
    const isImage = !extension.includes('.') && hasImageExtension(`x.${extension}`);
    if (basename(key) === '' || (!isImage && member.text === undefined)) continue;
    const sample: Sample = samples.get(key) ?? { texts: new Map() };
    samples.set(key, sample);
    if (isImage) sample.image ??= member;
    else sample.texts.set(extension, member.text ?? '');
  }
  return [...samples].map(([key, { image, texts }]) => ({
    id: `${name.replace(/\.tar$/i, '')}/${key}`,
    image: image === undefined ? undefined : memberPath({ archive, ...image }, image.name),
    captions: captionsOf(texts),
    split,
  }));
}

function keyAndExtension(name: string): { key: string; extension: string } {
  const base = posix.basename(name);
  const dot = base.indexOf('.');
  const end = dot === -1 ? base.length : dot;
  return {
    key: posix.join(posix.dirname(name), base.slice(0, end)),
    extension: base.slice(end + 1).toLowerCase(),
  };
}

/** The lines of a text; of JSON that which is called a caption. */
function captionsOf(texts: ReadonlyMap<string, string>): string[] {
  const extension = TEXTS.find((candidate) => texts.has(candidate));
  const text = texts.get(extension ?? '') ?? '';
  if (extension !== 'json') return [...linesOf(text)].map(({ line }) => line);
  try {
    const { captions, caption, text: written } = JSON.parse(text);
    return captionsIn(captions ?? caption ?? written);
  } catch {
    // One broken sample: it is left out as one without captions.
    return [];
  }
}
