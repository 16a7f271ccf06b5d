import { stat } from 'node:fs/promises';
import { LegendaError } from '../errors.js';
import type { Dataset, Dropped, Example } from './example.js';
import type { DatasetReader, ReadDataset } from './reader.js';
import { readers } from './readers.js';
import { assignSplits } from './splits.js';

export interface ReadDatasetOptions {
  /** A reader's name. @defaultValue the first that recognises the path */
  readonly format?: string;
  /** Decides the splits of a data set that does not say them. @defaultValue 0 */
  readonly seed?: number;
}

/**
 * Reads a data set of any known format. Splits that it states are kept; if it states none, its images are split
 * 90 : 5 : 5 by the hash of their ids.
 * @throws `DATASET_NOT_FOUND`, `DATASET_UNRECOGNISED`, `DATASET_BROKEN` (also when no captioned image is left).
 */
export async function readDataset(path: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  await stat(path).catch((cause) => {
    throw new LegendaError('DATASET_NOT_FOUND', { received: path, advice: 'check the path', cause });
  });
  const reader = options.format === undefined ? await recognise(path) : readerNamed(options.format);
  const read = await reader.read(path).catch((cause) => {
    if (cause instanceof LegendaError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LegendaError('DATASET_BROKEN', {
      expected: reader.description,
      received: `${path} (${message})`,
      cause,
    });
  });
  const dataset = assemble(reader.name, read, options.seed ?? 0);
  if (dataset.examples.length === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'at least one image with a caption',
      received: `${path} with ${countReasons(dataset.dropped)}`,
      advice: `the format ${reader.name} is ${reader.description}`,
    });
  }
  return dataset;
}

async function recognise(path: string): Promise<DatasetReader> {
  for (const reader of readers) if (await reader.recognises(path)) return reader;
  throw new LegendaError('DATASET_UNRECOGNISED', {
    expected: readers.map((reader) => `${reader.name}: ${reader.description}`).join('; or '),
    received: path,
    advice: 'check that the path is the data set itself, or name its format with --format',
  });
}

function readerNamed(name: string): DatasetReader {
  const reader = readers.find((candidate) => candidate.name === name);
  if (reader !== undefined) return reader;
  throw new LegendaError('DATASET_UNRECOGNISED', {
    expected: `one of the formats ${readers.map((candidate) => candidate.name).join(', ')}`,
    received: name,
  });
}

/** Leaves out what cannot be learnt from, noting why, and gives every example its split. */
function assemble(format: string, { name, records }: ReadDataset, seed: number): Dataset {
  const dropped: Dropped[] = [];
  const seen = new Set<string>();
  const someSplit = records.some((record) => record.split !== undefined);
  const kept: (Omit<Example, 'split'> & Partial<Pick<Example, 'split'>>)[] = [];
  for (const { id, image, captions: written, split } of records) {
    const captions = written.map((caption) => caption.trim()).filter((caption) => HAS_WORDS.test(caption));
    for (let empty = captions.length; empty < written.length; empty++)
      dropped.push({ id, reason: 'empty caption' });
    if (seen.has(id)) dropped.push({ id, reason: 'duplicate' });
    else if (image === undefined) dropped.push({ id, reason: 'missing image' });
    else if (captions.length === 0) dropped.push({ id, reason: 'no captions' });
    else if (split !== undefined) kept.push({ id, image, captions, split });
    else if (someSplit) dropped.push({ id, reason: 'no split' });
    else kept.push({ id, image, captions });
    seen.add(id);
  }
  const unsplit = kept.filter((example) => example.split === undefined).map((example) => example.id);
  const assigned = assignSplits(unsplit, seed);
  const examples = kept.map((example) => ({
    ...example,
    split: example.split ?? assigned.get(example.id) ?? 'train',
  }));
  return { name, format, examples, dropped };
}

/** A caption of punctuation alone has nothing to learn. */
const HAS_WORDS = /[\p{L}\p{N}]/u;

/** `3 missing image, 1 duplicate`. */
export function countReasons(dropped: readonly Dropped[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
  return parts.length === 0 ? 'nothing in it' : parts.join(', ');
}
