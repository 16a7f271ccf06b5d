import type { Dataset, Dropped } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { countWords, type WordCounts, type WordOptions } from './count-words.js';
import { type ImageInspection, isSound, type SoundImage } from './inspect-images.js';
import { findNearDuplicates, type NearDuplicates } from './near-duplicates.js';

/** What a person would want to know of a data set before learning from it. */
export interface Preparation {
  /** Without the broken images, which are among its dropped. */
  readonly dataset: Dataset;
  readonly pictures: PictureSizes;
  readonly words: WordCounts;
  readonly nearDuplicates: NearDuplicates;
}

export interface PictureSizes {
  /** Of all files. */
  readonly bytes: number;
  readonly median: Size;
  readonly smallest: Size;
  /** Files that are byte for byte the same as another of their split. */
  readonly copies: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param inspections of all images of the data set.
 * @throws `DATASET_BROKEN` if no image can be decoded; the signal's reason.
 */
export async function prepareDataset(
  read: Dataset,
  inspections: ReadonlyMap<string, ImageInspection>,
  options: WordOptions,
  signal?: AbortSignal,
): Promise<Preparation> {
  const sound: SoundImage[] = [];
  const broken: Dropped[] = [];
  const examples = read.examples.filter(({ id, image }) => {
    const inspection = inspections.get(image);
    if (inspection === undefined) throw new LegendaError('INTERNAL', { received: `${image}, not inspected` });
    if (isSound(inspection)) sound.push(inspection);
    else broken.push({ id, reason: 'broken image', detail: inspection.message });
    return isSound(inspection);
  });
  const dataset = { ...read, examples, dropped: [...read.dropped, ...broken] };
  if (examples.length === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'at least one image that can be decoded',
      received: `${read.root}: ${broken[0]?.detail}`,
    });
  }
  return {
    dataset,
    pictures: pictureSizes(sound),
    words: countWords(dataset, options),
    nearDuplicates: await findNearDuplicates(
      examples,
      sound.map(({ looks }) => looks),
      signal,
    ),
  };
}

/** @param images at least one. */
function pictureSizes(images: readonly SoundImage[]): PictureSizes {
  const middle = (numbers: readonly number[]) =>
    numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
  return {
    bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
    median: {
      width: middle(images.map(({ width }) => width)),
      height: middle(images.map(({ height }) => height)),
    },
    smallest: images.reduce((a, b) => (b.width * b.height < a.width * a.height ? b : a)),
    copies: images.length - new Set(images.map(({ sha256 }) => sha256)).size,
  };
}
