/** The longest n-grams that BLEU and CIDEr-D look at. */
export const MAXIMUM_ORDER = 4;

/**
 * A caption's words as BLEU and CIDEr-D count them: the few tokens that hold a no-break space (`1 1/2`, telephone
 * numbers) are several words there, and one in ROUGE-L. So does pycocoevalcap, which splits a line twice.
 */
export function wordsOf(tokens: readonly string[]): readonly string[] {
  return tokens.some((token) => token.includes('\u00a0'))
    ? tokens.flatMap((token) => token.split('\u00a0'))
    : tokens;
}

/** The n-grams of one order, in order of occurrence, each as its words joined by spaces. */
export function nGrams(words: readonly string[], order: number): string[] {
  const found: string[] = [];
  for (let end = order; end <= words.length; end++) found.push(words.slice(end - order, end).join(' '));
  return found;
}

/** How often each item occurs. */
export function countEach(items: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
