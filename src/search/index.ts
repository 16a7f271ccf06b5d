export { beamSearch } from './beam.js';
export { byConsensus } from './consensus.js';
export { diverseBeamSearch } from './diverse-beam.js';
export { findCaptions, requireSearch, type SearchChoice } from './find-captions.js';
export { greedySearch } from './greedy.js';
export {
  type BeamOptions,
  type DiverseOptions,
  type SampleOptions,
  SEARCH_DEFAULTS,
  type SearchOptions,
} from './options.js';
export type { Preference } from './preference.js';
export type { RequiredWord } from './required.js';
export { sampleSearch } from './sample.js';
export type { DecoderStepper, Hypothesis, StepOutput, WantedWords } from './stepper.js';
