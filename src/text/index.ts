export { impossibleEndings } from './endings.js';
export { sentence } from './sentence.js';
export { END, PADDING, SPECIAL_TOKENS, START, UNKNOWN } from './special-tokens.js';
export { tokenise } from './tokenise.js';
export { buildVocabulary, Vocabulary } from './vocabulary.js';
