/** How long captions are. */
export interface Lengths {
  readonly mean: number;
  /** Standard deviation, of all captions as the whole population. */
  readonly deviation: number;
  /** How many captions are as long as the index says. */
  readonly histogram: readonly number[];
}

/** @param lengths of captions, words. */
export function describeLengths(lengths: readonly number[]): Lengths {
  const mean = meanOf(lengths);
  const histogram = new Array<number>(lengths.reduce((a, b) => Math.max(a, b), 0) + 1).fill(0);
  for (const length of lengths) histogram[length]!++;
  return { mean, deviation: Math.sqrt(meanOf(lengths.map((length) => (length - mean) ** 2))), histogram };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
