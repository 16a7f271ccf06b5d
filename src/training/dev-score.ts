import { TensorFlowStepper } from '../decoder/tensorflow-stepper.js';
import { type CiderD, tokeniseForMetrics } from '../metrics/index.js';
import { greedySearch } from '../search/index.js';
import { tf } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import type { FeatureSource } from './feature-source.js';

/** The dev split of one data set. */
export interface DevSet {
  readonly name: string;
  /** Numbers of its pictures in the feature source. */
  readonly images: readonly number[];
  readonly scorer: CiderD;
  /** Those whose captions are kept, by their place among the pictures. */
  readonly samples: ReadonlyMap<number, string>;
}

export interface DevScore {
  /** By data set. */
  readonly ciderD: Record<string, number>;
  /** Captions of the samples by their names. */
  readonly samples: Record<string, string>;
}

const BATCH = 64;

/**
 * CIDEr-D of greedy captions of each dev split: what training watches. `legenda evaluate` gives the figures to quote.
 * @param features a stage without looks at no pictures, and has no scores. @param maximumLength words of a caption.
 */
export async function scoreDevSets(
  sets: readonly DevSet[],
  model: CaptionModel,
  features: FeatureSource | undefined,
  maximumLength: number,
): Promise<DevScore> {
  const score: DevScore = { ciderD: {}, samples: {} };
  if (features === undefined) return score;
  for (const { name, images, scorer, samples } of sets) {
    let sum = 0;
    for (let start = 0; start < images.length; start += BATCH) {
      const batch = images.slice(start, start + BATCH);
      const captions = await greedyCaptions(batch, model, features, maximumLength);
      captions.forEach((caption, index) => {
        sum += scorer.score(start + index, tokeniseForMetrics(caption, model.vocabulary.writing.language));
        const sample = samples.get(start + index);
        if (sample !== undefined) score.samples[sample] = caption;
      });
    }
    score.ciderD[name] = sum / images.length;
  }
  return score;
}

async function greedyCaptions(
  images: readonly number[],
  model: CaptionModel,
  features: FeatureSource,
  maximumLength: number,
): Promise<string[]> {
  const grid = await features.read(images);
  const stepper = new TensorFlowStepper(model.configuration, model.decoder);
  const seen = model.see(grid);
  try {
    const found = await greedySearch(stepper, seen, images.length, { maximumLength });
    return found.map(([best]) => model.vocabulary.sentence(best?.tokens ?? []));
  } finally {
    stepper.dispose();
    tf.dispose([grid, ...Object.values(seen.tags ?? {})]);
  }
}
