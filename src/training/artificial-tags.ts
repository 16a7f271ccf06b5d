import type { Random } from '../random.js';

/** How often a tag word that the captions do mention is found. */
const RECALL = 0.7;
/** How much likelier a mentioned word is made than another, as a power of e. */
const ADVANTAGE = 2;

/**
 * Tags as a classifier could have found them in the picture that captions describe: most of the words they mention, and
 * others that are wrong, with probabilities that tell them apart more often than not.
 * @param mentioned tag words that stand in the captions. @param all every tag word. @param count words to give.
 * @returns likeliest first.
 */
export function inventTags(
  mentioned: readonly number[],
  all: readonly number[],
  count: number,
  random: Random,
): { tokens: number[]; probabilities: number[] } {
  const chosen = new Set(mentioned.filter(() => random.uniform() < RECALL).slice(0, count));
  const right = chosen.size;
  while (chosen.size < Math.min(count, all.length)) chosen.add(all[random.integer(all.length)] as number);
  // A classifier's probabilities are far apart, and do not add up to one: the rest went to other classes.
  const weights = [...chosen].map((_, index) =>
    Math.exp(2 * random.normal() + (index < right ? ADVANTAGE : 0)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0) / (0.3 + 0.7 * random.uniform());
  const found = [...chosen].map((token, index) => ({ token, probability: (weights[index] ?? 0) / total }));
  found.sort((a, b) => b.probability - a.probability);
  return {
    tokens: found.map(({ token }) => token),
    probabilities: found.map(({ probability }) => probability),
  };
}
