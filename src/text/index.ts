// How files hold a vocabulary is in vocabulary-json.ts: threads of the network start without what checks it.
export { duration } from './duration.js';
export { impossibleEndings } from './endings.js';
export { factsOf } from './languages.js';
export { END, PADDING, SPECIAL_TOKENS, START, UNKNOWN } from './special-tokens.js';
export { Vocabulary } from './vocabulary.js';
export { ENGLISH, UNITS, type Unit, Writing } from './writing.js';
