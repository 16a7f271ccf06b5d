import type { FeatureSource } from '../../src/training/feature-source.js';

const refuse = () => Promise.reject(new Error('not read here'));

/** For stages that read no features. */
export const noFeatures: FeatureSource = { read: refuse, draw: refuse };
