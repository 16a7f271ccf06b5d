export { Explanation } from './explanation.js';
export { attentionOverlay } from './overlay.js';
