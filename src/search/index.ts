export { beamSearch } from './beam.js';
export { greedySearch } from './greedy.js';
export { type BeamOptions, resolveOptions, SEARCH_DEFAULTS, type SearchOptions } from './options.js';
export type { DecoderStepper, Hypothesis, StepOutput } from './stepper.js';
