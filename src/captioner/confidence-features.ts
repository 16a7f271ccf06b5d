import { SPECIAL_TOKENS } from '../text/index.js';
import { type Familiarity, positionOf } from './familiarity.js';

/** What is known of a caption when it is written. */
export interface CaptionEvidence {
  /** Its words, as numbers of the vocabulary, which is in the order of their frequency. */
  readonly tokens: readonly number[];
  /** Natural logarithms, a word each, and behind them that of ending, if it ended. */
  readonly wordLogProbabilities: readonly number[];
  /** The mean of the image's cells, `[D]`. */
  readonly image: Float32Array;
  /** What the classifier makes of the image, `[classes]`; undefined without one. */
  readonly classLogits: Float32Array | undefined;
  /** The probability of the image's tags that the caption names, 0…1; undefined without a classifier. */
  readonly tagsNamed: number | undefined;
  /** How well its words are those to expect of the image; undefined where that was not learnt. */
  readonly wordFit: number | undefined;
}

/** What a confidence is computed from. */
export const FEATURES = [
  'meanLogProbability',
  'rareWordLogProbability',
  'rareWords',
  'within',
  'beyond',
  'tagsNamed',
  'wordFit',
] as const;

export type FeatureName = (typeof FEATURES)[number];

/** A caption is about its rarest words. */
const RAREST = 3;
/** Keeps logarithms finite, and differences below it unheard. */
const LEAST = 0.05;

/** The features; `tagsNamed` only where there is a classifier, `wordFit` only where it is known which words to expect. */
export function featuresOf(
  { tokens, wordLogProbabilities, image, tagsNamed, wordFit }: CaptionEvidence,
  familiarity: Familiarity,
): ReadonlyMap<FeatureName, number> {
  const rarities = tokens.map(rarity);
  const { within, beyond } = positionOf(image, familiarity);
  const meanLogProbability = mean(wordLogProbabilities);
  const features = new Map<FeatureName, number>([
    ['meanLogProbability', meanLogProbability],
    ['rareWordLogProbability', weightedMean(wordLogProbabilities, rarities) ?? meanLogProbability],
    ['rareWords', mean([...rarities].sort((a, b) => b - a).slice(0, RAREST))],
    ['within', within],
    ['beyond', Math.log(Math.max(beyond, LEAST))],
  ]);
  if (tagsNamed !== undefined) features.set('tagsNamed', Math.log(tagsNamed + LEAST));
  if (wordFit !== undefined) features.set('wordFit', wordFit);
  return features;
}

/** The logarithm of a word's place in the order of frequency: how seldom it is (Zipf's law). */
function rarity(token: number): number {
  return Math.log(Math.max(2, token - SPECIAL_TOKENS.length + 2));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weightedMean(values: readonly number[], weights: readonly number[]): number | undefined {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return undefined;
  return weights.reduce((sum, weight, index) => sum + weight * values[index]!, 0) / total;
}
