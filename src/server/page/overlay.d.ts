// Served from the compiled src/explain/overlay.ts: the page draws attention maps as `legenda caption --explain` does.
export { attentionOverlay, seenPart } from '../../explain/overlay.js';
