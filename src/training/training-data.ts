import type { CaptionGroup, Dataset, Example, Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { CiderD, tokeniseForMetrics } from '../metrics/index.js';
import type { Vocabulary } from '../text/index.js';
import type { DevSet } from './dev-score.js';
import { type TrainingImage, toTrainingImage } from './training-images.js';

/** All pictures of a run by number: those to train on, then the dev splits. */
export interface TrainingData {
  readonly paths: readonly string[];
  /** The first pictures; their index is their number. */
  readonly training: readonly TrainingImage[];
  /** The captions of each, as people wrote them. */
  readonly captions: readonly (readonly string[])[];
  readonly devSets: readonly DevSet[];
  /** Some dev pictures, the same in every epoch, whose captions are shown. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Data set and id: `shapes/12`. */
  readonly name: string;
  readonly image: string;
  /** What people wrote. */
  readonly captions: readonly string[];
}

/** Pictures whose captions are shown, of all dev splits together. */
const SAMPLES = 8;

/** All captions to learn from, with and without pictures. */
export function captionsToLearn(datasets: readonly Dataset[], texts: readonly CaptionGroup[]): string[] {
  const examples = datasets.flatMap((dataset) => ofSplit(dataset, 'train'));
  return [...examples.map(({ captions }) => captions), ...texts].flat();
}

/** Data sets of one name told apart, since scores go by it: `photos`, `photos (2)`. */
export function withDistinctNames(datasets: readonly Dataset[]): Dataset[] {
  const counts = new Map<string, number>();
  return datasets.map((dataset) => {
    const count = (counts.get(dataset.name) ?? 0) + 1;
    counts.set(dataset.name, count);
    return count === 1 ? dataset : { ...dataset, name: `${dataset.name} (${count})` };
  });
}

/** Joins the data sets. @throws `DATASET_BROKEN` when there is nothing to train on or no dev split to judge by. */
export function prepareTrainingData(
  datasets: readonly Dataset[],
  vocabulary: Vocabulary,
  maximumLength: number,
  broken: ReadonlySet<string>,
): TrainingData {
  const usable = (dataset: Dataset, split: Split) =>
    ofSplit(dataset, split).filter(({ image }) => !broken.has(image));
  const train = datasets.flatMap((dataset) => usable(dataset, 'train'));
  let paths = train.map(({ image }) => image);
  const devSets: DevSet[] = [];
  const samples: Sample[] = [];
  const devSplits = datasets
    .map((dataset) => ({ name: dataset.name, dev: usable(dataset, 'dev') }))
    .filter(({ dev }) => dev.length > 0);
  for (const { name, dev } of devSplits) {
    const scorer = new CiderD(
      dev.map(({ captions }) =>
        captions.map((caption) => tokeniseForMetrics(caption, vocabulary.writing.language)),
      ),
    );
    const shown = new Map<number, string>();
    for (const index of evenly(dev.length, Math.ceil(SAMPLES / devSplits.length))) {
      const { id, image, captions } = dev[index] as Example;
      samples.push({ name: `${name}/${id}`, image, captions });
      shown.set(index, `${name}/${id}`);
    }
    devSets.push({ name, images: dev.map((_, index) => paths.length + index), scorer, samples: shown });
    paths = paths.concat(dev.map(({ image }) => image));
  }
  if (train.length === 0 || devSets.length === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'images of split train to learn from and of split dev to judge by',
      received: `${train.length} and ${paths.length - train.length}`,
    });
  }
  const training = train.map((example) => toTrainingImage(example, vocabulary, maximumLength));
  return { paths, training, captions: train.map(({ captions }) => captions), devSets, samples };
}

/** At most so many numbers below `length`, from all parts of it. */
function evenly(length: number, most: number): number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, index) => Math.floor((index * length) / count));
}

/** Every picture that the run will read. */
export function imagesOf(datasets: readonly Dataset[]): string[] {
  return datasets.flatMap(({ examples }) =>
    examples.filter(({ split }) => split !== 'test').map(({ image }) => image),
  );
}

function ofSplit(dataset: Dataset, split: Split): Example[] {
  return dataset.examples.filter((example) => example.split === split);
}
