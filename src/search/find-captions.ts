import { beamSearch } from './beam.js';
import { byConsensus, type Merit } from './consensus.js';
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
export function requireSearch(choice: SearchChoice): void {
  const { method, options } = withEnough(choice);
  const resolve = { greedy: resolveRules, beam: resolveBeam, diverse: resolveDiverse, sample: resolveSample };
  resolve[method](options);
}

/**
 * The captions that the chosen search finds for each image, best first or, with `consensus`, those that agree most.
 * @param merit what is added to the agreement of an image's captions.
 */
export async function findCaptions<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  choice: SearchChoice,
  merit?: (image: number) => Merit<Hypothesis>,
): Promise<Hypothesis[][]> {
  const { method, options } = withEnough(choice);
  const search = { greedy: greedySearch, beam: beamSearch, diverse: diverseBeamSearch, sample: sampleSearch };
  const found = await search[method](stepper, images, imageCount, options);
  const { nBest = 1, consensus = 0 } = choice.options;
  if (consensus === 0) return found;
  return found.map((captions, image) => byConsensus(captions, consensus, merit?.(image)).slice(0, nBest));
}

/** The search that gives all captions to be compared. */
function withEnough(choice: SearchChoice): SearchChoice {
  const { nBest = 1, consensus = 0 } = choice.options;
  return { ...choice, options: { ...choice.options, nBest: Math.max(nBest, consensus) } } as SearchChoice;
}
