import type { Dataset, Split } from '../datasets/index.js';
import { END } from '../text/index.js';
import type { BrokenImage } from './broken-images.js';
import type { TrainingData } from './training-data.js';

/** What a run makes of its data: what it learns from, what was left out, and why. */
export interface DataReport {
  readonly datasets: readonly DatasetReport[];
  /** Captions to learn from, of all data sets. */
  readonly captions: number;
  /** Of these: cut off after `vocabulary.maximumLength`. */
  readonly captionsCut: number;
  /** Words of the vocabulary. */
  readonly words: number;
}

interface DatasetReport {
  readonly name: string;
  readonly format: string;
  readonly images: Readonly<Record<Split, number>>;
  readonly captions: Readonly<Record<Split, number>>;
  /** Ids or files by the reason for which they were left out. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
}

/** @param words of the vocabulary. */
export function reportData(
  datasets: readonly Dataset[],
  broken: readonly BrokenImage[],
  { training }: TrainingData,
  words: number,
): DataReport {
  const codes = new Map(broken.map(({ image, code }) => [image, code]));
  const captions = training.flatMap((image) => image.captions);
  return {
    datasets: datasets.map((dataset) => reportDataset(dataset, codes)),
    captions: captions.length,
    captionsCut: captions.filter((tokens) => tokens.at(-1) !== END).length,
    words,
  };
}

function reportDataset(
  { name, format, examples, dropped }: Dataset,
  broken: ReadonlyMap<string, string>,
): DatasetReport {
  const leftOut = new Map<string, string[]>();
  const leaveOut = (reason: string, id: string) => {
    const ids = leftOut.get(reason) ?? [];
    leftOut.set(reason, ids);
    ids.push(id);
  };
  for (const { id, reason } of dropped) leaveOut(reason, id);
  for (const { id, image } of examples) {
    const code = broken.get(image);
    if (code !== undefined) leaveOut(code, id);
  }
  const used = examples.filter(({ image }) => !broken.has(image));
  const perSplit = (count: (captions: readonly string[]) => number) => {
    const counts = { train: 0, dev: 0, test: 0 };
    for (const { split, captions } of used) counts[split] += count(captions);
    return counts;
  };
  return {
    name,
    format,
    images: perSplit(() => 1),
    captions: perSplit(({ length }) => length),
    leftOut: Object.fromEntries(leftOut),
  };
}
