// Served from the compiled src/explain/colours.ts.
export { colourOf } from '../../explain/colours.js';
