import type { StageConfiguration } from './configuration.js';

/** What the cosine ends at, of the highest learning rate. */
const FLOOR = 0.05;

/**
 * The share of the highest learning rate at a step: a straight rise, then half a cosine (Loshchilov and Hutter 2017).
 * @param step from 0. @param steps of the whole stage.
 */
export function learningRateShare(stage: StageConfiguration, step: number, steps: number): number {
  const warmUp = Math.min(stage.warmUpSteps, Math.floor(steps / 2));
  if (step < warmUp) return (step + 1) / (warmUp + 1);
  if (stage.decay === 'none') return 1;
  const progress = (step - warmUp) / Math.max(1, steps - warmUp);
  return FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}
