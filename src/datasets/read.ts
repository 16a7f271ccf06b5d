import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LegendaError } from '../errors.js';
import { fileOf } from '../images/index.js';
import { assemble } from './assemble.js';
import type { ColumnNames } from './columns.js';
import type { Dataset, Dropped } from './example.js';
import { askGuard, type ReadGuard, withGuard } from './read-guard.js';
import type { DatasetReader, ReadDataset } from './reader.js';
import { readers } from './readers.js';

export interface ReadDatasetOptions {
  /** A reader's name. @defaultValue the first that recognises the path */
  readonly format?: string;
  /** Of formats that are tables: which columns hold what. @defaultValue by their common names */
  readonly columns?: ColumnNames;
  /** Decides the splits of a data set that does not say them. @defaultValue 0 */
  readonly seed?: number;
  /** The share that dev gets where the data set has none, and test too where it states no splits. @defaultValue 0.05 */
  readonly devShare?: number;
  /** Asked before each of its files is opened, pictures too. @defaultValue all may be read */
  readonly guard?: ReadGuard;
}

/**
 * Reads a data set of any known format. Splits that it states are kept; what it does not state is drawn by the hash of
 * the images' ids. No picture, by the hash of its bytes, is in two splits.
 * @throws `DATASET_NOT_FOUND`, `DATASET_UNRECOGNISED`, `DATASET_BROKEN` (also when no captioned image is left), what the guard throws.
 */
export function readDataset(path: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  return withGuard(options.guard, () => readGuarded(path, options));
}

async function readGuarded(path: string, options: ReadDatasetOptions): Promise<Dataset> {
  await stat(path).catch((cause) => {
    throw new LegendaError('DATASET_NOT_FOUND', { received: path, advice: 'check the path', cause });
  });
  const reader = options.format === undefined ? await recognise(path) : readerNamed(options.format);
  const read = await reader.read(path, options.columns ?? {}).catch((cause) => {
    if (cause instanceof LegendaError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LegendaError('DATASET_BROKEN', {
      expected: reader.description,
      received: `${path} (${message})`,
      cause,
    });
  });
  await askAboutImages(read);
  const { seed = 0, devShare = 0.05 } = options;
  const assembled = await assemble(read, { seed, devShare });
  const dataset = { name: basename(read.root), format: reader.name, root: read.root, ...assembled };
  if (dataset.examples.length === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'at least one image with a caption',
      received: `${path} with ${countReasons(dataset.dropped)}`,
      advice: `the format ${reader.name} is ${reader.description}`,
    });
  }
  return dataset;
}

/** How many images are asked about at a time. */
const QUESTIONS_IN_FLIGHT = 64;

/** Also about those that will be left out, whose names are told. */
async function askAboutImages({ records }: ReadDataset): Promise<void> {
  const images = records.flatMap(({ image }) => (image === undefined ? [] : [fileOf(image)]));
  const files = [...new Set(images)];
  for (let from = 0; from < files.length; from += QUESTIONS_IN_FLIGHT) {
    await Promise.all(files.slice(from, from + QUESTIONS_IN_FLIGHT).map(askGuard));
  }
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

/** `3 missing image, 1 duplicate`. */
function countReasons(dropped: readonly Dropped[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
  return parts.length === 0 ? 'nothing in it' : parts.join(', ');
}
