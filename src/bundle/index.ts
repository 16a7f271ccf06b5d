export type { Calibration } from './arithmetic.js';
export { calibrate } from './calibrate.js';
export { classCount, featureGrid, featureShape } from './layer-shapes.js';
export { type Bundle, loadBundle } from './load-bundle.js';
export type { Fit, Manifest, SearchDefaults } from './manifest.js';
export { readBundleWeights } from './read-bundle-weights.js';
export type { Precision } from './weight-storage.js';
export { type BundleContents, writeBundle } from './write-bundle.js';
