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
}

const BATCH = 64;

/**
 * CIDEr-D of greedy captions on a dev split: what training watches. `legenda evaluate` gives the figures to quote.
 * @param maximumLength words of a caption.
 */
export async function devCiderD(
  set: DevSet,
  model: CaptionModel,
  features: FeatureSource,
  maximumLength: number,
): Promise<number> {
  let sum = 0;
  for (let start = 0; start < set.images.length; start += BATCH) {
    const images = set.images.slice(start, start + BATCH);
    const grid = await features.read(images);
    const stepper = new TensorFlowStepper(model.configuration, model.decoder);
    const seen = model.see(grid);
    const found = await greedySearch(stepper, seen, images.length, { maximumLength });
    found.forEach(([best], index) => {
      const caption = model.vocabulary.sentence(best?.tokens ?? []);
      sum += set.scorer.score(start + index, tokeniseForMetrics(caption, model.vocabulary.writing.language));
    });
    stepper.dispose();
    tf.dispose([grid, ...Object.values(seen.tags ?? {})]);
  }
  return sum / set.images.length;
}
