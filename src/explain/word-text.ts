import type { CaptionWord } from '../captioner/index.js';

/** Of the words beside the photo, those that got less of the attention are not worth a reader's. */
const LEAST_WEIGHT = 0.005;

/** A share as a reader wants it: `7 %`. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** What the model looked at beside the photo, most first: `cat 12 %, sofa 3 %`; empty for nothing. */
export function besideText({ beside = [] }: CaptionWord): string {
  return beside
    .filter(({ weight }) => weight >= LEAST_WEIGHT)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ word, weight }) => `${word} ${percent(weight)}`)
    .join(', ');
}
