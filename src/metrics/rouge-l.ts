import type { TokenisedItem } from './tokenised-item.js';

/** How much more recall counts than precision, as in the COCO caption evaluation. */
const BETA = 1.2;

/**
 * ROUGE-L of one caption, 0 to 1 (Lin 2004), by the longest common subsequence:
 *
 *     P = max LCS / length of the candidate     R = max LCS / length of the reference
 *     ROUGE-L = (1 + β²) P R / (R + β² P)
 *
 * where both maxima are over the references, each for itself.
 */
export function rougeL(item: TokenisedItem): number {
  const candidate = orEmptyToken(item.candidate);
  let precision = 0;
  let recall = 0;
  for (const tokens of item.references) {
    const reference = orEmptyToken(tokens);
    const common = longestCommonSubsequence(candidate, reference);
    precision = Math.max(precision, common / candidate.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

/** To pycocoevalcap a caption without words is one empty token, so that an empty candidate matches an empty reference. */
function orEmptyToken(tokens: readonly string[]): readonly string[] {
  return tokens.length === 0 ? [''] : tokens;
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  // lengths[j]: of the tokens of `a` so far and the first j of `b`
  const lengths = new Array<number>(b.length + 1).fill(0);
  for (const token of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[j]!;
      lengths[j] = token === b[j - 1] ? diagonal + 1 : Math.max(above, lengths[j - 1]!);
      diagonal = above;
    }
  }
  return lengths[b.length]!;
}
