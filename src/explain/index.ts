export { Explanation } from './explanation.js';
export { attentionOverlay } from './overlay.js';
export { MAP_CHOICE, MAP_STYLE, wordFigures } from './page.js';
export { jpegOf, photoName, readPhoto } from './photo.js';
export { percent } from './word-text.js';
