import { beamSearch } from './beam.js';
import { diverseBeamSearch } from './diverse-beam.js';
import { greedySearch } from './greedy.js';
import type { BeamOptions, DiverseOptions, SampleOptions, SearchOptions } from './options.js';
import { resolveBeam, resolveDiverse, resolveRules, resolveSample } from './resolve-options.js';
import { sampleSearch } from './sample.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';

/** A way to search, by its name, with its options. */
export type SearchChoice =
  | { readonly method: 'greedy'; readonly options: SearchOptions }
  | { readonly method: 'beam'; readonly options: BeamOptions }
  | { readonly method: 'diverse'; readonly options: DiverseOptions }
  | { readonly method: 'sample'; readonly options: SampleOptions };

/** @throws `CONFIGURATION_INVALID` for an option out of its range, as the search itself would. */
export function requireSearch({ method, options }: SearchChoice): void {
  const resolve = { greedy: resolveRules, beam: resolveBeam, diverse: resolveDiverse, sample: resolveSample };
  resolve[method](options);
}

/** The captions that the chosen search finds for each image, best first. */
export async function findCaptions<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  { method, options }: SearchChoice,
): Promise<Hypothesis[][]> {
  const search = { greedy: greedySearch, beam: beamSearch, diverse: diverseBeamSearch, sample: sampleSearch };
  return search[method](stepper, images, imageCount, options);
}
