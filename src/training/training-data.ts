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
}

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
  for (const dataset of datasets) {
    const dev = usable(dataset, 'dev');
    if (dev.length === 0) continue;
    const scorer = new CiderD(
      dev.map(({ captions }) =>
        captions.map((caption) => tokeniseForMetrics(caption, vocabulary.writing.language)),
      ),
    );
    devSets.push({ name: dataset.name, images: dev.map((_, index) => paths.length + index), scorer });
    paths = paths.concat(dev.map(({ image }) => image));
  }
  if (train.length === 0 || devSets.length === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'images of split train to learn from and of split dev to judge by',
      received: `${train.length} and ${paths.length - train.length}`,
    });
  }
  const training = train.map((example) => toTrainingImage(example, vocabulary, maximumLength));
  return { paths, training, captions: train.map(({ captions }) => captions), devSets };
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
