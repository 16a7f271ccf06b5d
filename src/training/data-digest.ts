import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import type { CaptionGroup, Dataset } from '../datasets/index.js';
import { LegendaError } from '../errors.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const datasetSchema = z.object({
  name: z.string(),
  /** Images of split train and of split dev. */
  train: z.int().min(0),
  dev: z.int().min(0),
  /** Of which images there are, in which order; of the splits they are in; of their captions. */
  images: sha256,
  splits: sha256,
  captions: sha256,
});
type DatasetDigest = z.infer<typeof datasetSchema>;

export const dataDigestSchema = z.object({
  datasets: z.array(datasetSchema),
  /** Of the captions without pictures. */
  texts: sha256,
});
/** What a run learns from and is judged by, so small that a checkpoint can keep it. */
export type DataDigest = z.infer<typeof dataDigestSchema>;

/**
 * The digest of a run's data. Images go by their ids and file names, so that a data set may be moved; those of split test
 * have no part in training and none here.
 */
export function digestData(datasets: readonly Dataset[], texts: readonly CaptionGroup[]): DataDigest {
  return {
    datasets: datasets.map(({ name, examples }) => {
      const used = examples.filter(({ split }) => split !== 'test');
      const count = (wanted: string) => used.filter(({ split }) => split === wanted).length;
      return {
        name,
        train: count('train'),
        dev: count('dev'),
        images: digest(used.map(({ id, image }) => [id, basename(image)])),
        splits: digest(used.map(({ split }) => split)),
        captions: digest(used.map(({ captions }) => captions)),
      };
    }),
    texts: digest(texts),
  };
}

/**
 * A run that goes on with other data would be neither the old run nor a new one.
 * @param texts whether the captions without pictures are still to be learnt from. @throws `DATASET_CHANGED`, with what did.
 */
export function requireSameData(began: DataDigest, given: DataDigest, texts: boolean): void {
  const changes =
    began.datasets.length === given.datasets.length
      ? began.datasets.flatMap((dataset, index) => changesOf(dataset, given.datasets[index] as DatasetDigest))
      : [`${given.datasets.length} data sets, not ${began.datasets.length}`];
  if (texts && began.texts !== given.texts) changes.push('other captions without pictures');
  if (changes.length === 0) return;
  throw new LegendaError('DATASET_CHANGED', {
    expected: 'the data that the run began with',
    received: changes.join('; '),
    advice: 'give the data sets as they were and in their order, or begin another run',
  });
}

function changesOf(began: DatasetDigest, given: DatasetDigest): string[] {
  const where = `in ${given.name}`;
  const counts = (['train', 'dev'] as const)
    .filter((split) => began[split] !== given[split])
    .map((split) => `${given[split]} images of split ${split}, not ${began[split]}, ${where}`);
  if (counts.length > 0) return counts;
  if (began.images !== given.images) return [`other images ${where}`];
  return (['splits', 'captions'] as const)
    .filter((part) => began[part] !== given[part])
    .map((part) => `other ${part} ${where}`);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
