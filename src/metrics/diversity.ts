import { nGrams, wordsOf } from './n-grams.js';
import { tokeniseForMetrics } from './tokenise-for-metrics.js';

/** A caption as it is compared with others: its tokens, so that capitals and punctuation make no difference. */
export function captionKey(caption: string, language?: string): string {
  return tokeniseForMetrics(caption, language).join(' ');
}

/** How many different captions there are. */
export function countDistinctCaptions(captions: readonly string[], language?: string): number {
  return new Set(captions.map((caption) => captionKey(caption, language))).size;
}

/**
 * The share of captions, 0 to 1, that the model did not read in training; 0 without captions.
 * @param trainingKeys the `captionKey` of each training caption.
 */
export function shareOfNovelCaptions(
  captions: readonly string[],
  trainingKeys: ReadonlySet<string>,
  language?: string,
): number {
  if (captions.length === 0) return 0;
  return (
    captions.filter((caption) => !trainingKeys.has(captionKey(caption, language))).length / captions.length
  );
}

/** How many different words the captions use. */
export function countWordsUsed(captions: readonly string[], language?: string): number {
  return new Set(captions.flatMap((caption) => tokeniseForMetrics(caption, language))).size;
}

/**
 * Distinct-n (Li et al. 2016): of all n-grams in the captions, the share that are different, 0 to 1; 0 where there are none. It
 * falls with the number of captions: compare only sets of the same size.
 */
export function distinctNGrams(captions: readonly string[], order: number, language?: string): number {
  const all = captions.flatMap((caption) => nGrams(wordsOf(tokeniseForMetrics(caption, language)), order));
  return all.length === 0 ? 0 : new Set(all).size / all.length;
}
