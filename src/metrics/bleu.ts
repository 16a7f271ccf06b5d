import { countEach, MAXIMUM_ORDER, nGrams, wordsOf } from './n-grams.js';
import type { TokenisedItem } from './tokenised-item.js';

/** BLEU-1 to BLEU-4, each 0 to 1. */
export type BleuScores = readonly [number, number, number, number];

// pycocoevalcap adds these so that nothing is divided by zero and a precision of 0 keeps its logarithm.
const TINY = 1e-15;
const SMALL = 1e-9;

/**
 * BLEU-1 to BLEU-4 of all captions together (Papineni et al. 2002), with the constants of pycocoevalcap.
 *
 *     p_n    = Σ min(count, most in any one reference) / Σ count      over the candidates' n-grams
 *     BLEU-N = min(1, exp(1 - r / c)) · (Π_{n≤N} p_n)^(1/N)
 *
 * c: the candidates' length; r: the sum of the lengths of the references closest to each, the shorter of two as close.
 */
export function bleu(items: Iterable<TokenisedItem>): BleuScores {
  const matched = new Array<number>(MAXIMUM_ORDER).fill(0);
  const total = new Array<number>(MAXIMUM_ORDER).fill(0);
  let candidateLength = 0;
  let referenceLength = 0;
  for (const item of items) {
    const candidate = wordsOf(item.candidate);
    const references = item.references.map(wordsOf);
    candidateLength += candidate.length;
    referenceLength += closestLength(candidate.length, references);
    for (let order = 1; order <= MAXIMUM_ORDER; order++) {
      matched[order - 1]! += clippedMatches(candidate, references, order);
      total[order - 1]! += Math.max(0, candidate.length - order + 1);
    }
  }
  const ratio = (candidateLength + TINY) / (referenceLength + SMALL);
  const brevityPenalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  const scores: number[] = [];
  let product = 1;
  for (let order = 1; order <= MAXIMUM_ORDER; order++) {
    product *= (matched[order - 1]! + TINY) / (total[order - 1]! + SMALL);
    scores.push(brevityPenalty * product ** (1 / order));
  }
  return scores as unknown as BleuScores;
}

function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const distance = (reference: number) => Math.abs(reference - length);
  return references
    .map((reference) => reference.length)
    .reduce((best, next) =>
      distance(next) < distance(best) || (distance(next) === distance(best) && next < best) ? next : best,
    );
}

/** How many of the candidate's n-grams stand in the references, each at most as often as in the one that has most. */
function clippedMatches(
  candidate: readonly string[],
  references: readonly (readonly string[])[],
  order: number,
): number {
  const wanted = countEach(nGrams(candidate, order));
  const most = new Map<string, number>();
  for (const reference of references) {
    for (const [nGram, count] of countEach(nGrams(reference, order))) {
      if (wanted.has(nGram)) most.set(nGram, Math.max(most.get(nGram) ?? 0, count));
    }
  }
  let matches = 0;
  for (const [nGram, count] of most) matches += Math.min(count, wanted.get(nGram)!);
  return matches;
}
