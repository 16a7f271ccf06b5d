import { beamSearch } from './beam.js';
import { byConsensus } from './consensus.js';
import { diverseBeamSearch } from './diverse-beam.js';
import { greedySearch } from './greedy.js';
import type { BeamOptions, DiverseOptions, SampleOptions, SearchOptions } from './options.js';
import { type Preference, PreferringStepper } from './preference.js';
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
 * @param preferences of the images: the search takes them as the network's own word, and adds them to the agreement.
 */
export async function findCaptions<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  choice: SearchChoice,
  preferences?: readonly Preference[],
): Promise<Hypothesis[][]> {
  const search = withEnough(choice);
  const found =
    preferences === undefined
      ? await searchBy(stepper, images, imageCount, search)
      : await searchBy(new PreferringStepper(stepper, preferences), images, imageCount, search);
  const { nBest = 1, consensus = 0 } = choice.options;
  if (consensus === 0) return found;
  return found.map((captions, image) => {
    const preference = preferences?.[image];
    return byConsensus(captions, consensus, (caption) => preference?.ofCaption(caption) ?? 0).slice(0, nBest);
  });
}

function searchBy<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  { method, options }: SearchChoice,
): Promise<Hypothesis[][]> {
  const search = { greedy: greedySearch, beam: beamSearch, diverse: diverseBeamSearch, sample: sampleSearch };
  return search[method](stepper, images, imageCount, options);
}

/** The search that gives all captions to be compared. */
function withEnough(choice: SearchChoice): SearchChoice {
  const { nBest = 1, consensus = 0 } = choice.options;
  return { ...choice, options: { ...choice.options, nBest: Math.max(nBest, consensus) } } as SearchChoice;
}
