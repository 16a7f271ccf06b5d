import type { Example } from '../datasets/index.js';
import { CiderD, tokeniseForMetrics } from '../metrics/index.js';
import { byConsensus } from '../search/index.js';
import type { CaptionEvidence } from './confidence-features.js';

/** One of the captions found for a dev picture, with what is known of it. */
export interface DevCaption extends CaptionEvidence {
  readonly text: string;
}

/** The captions found for the dev pictures of a data set, before one of each is chosen. */
export interface DevCaptions {
  /** The data set's name. */
  readonly set: string;
  /** Each with at least one caption, in the order in which the search ranks them. */
  readonly pictures: readonly { readonly example: Example; readonly captions: readonly DevCaption[] }[];
}

/** How much the words to expect count beside agreement; what is best lies well within. */
const WEIGHTS = [0, 1, 2, 4, 8, 16];

/** How one of a picture's captions is chosen. */
export interface Choice {
  /** How many of the best are compared; 0 takes the first. */
  readonly consensus: number;
  /** How much the words to expect count beside agreement. */
  readonly expectedWords: number;
}

/** The caption that a search takes which chooses so. */
export function chosenOf(captions: readonly DevCaption[], { consensus, expectedWords }: Choice): DevCaption {
  const merit = ({ wordFit = 0 }: DevCaption) => expectedWords * wordFit;
  return byConsensus(captions, consensus, merit)[0] as DevCaption;
}

/**
 * The choice whose captions have the highest CIDEr-D, all sets counting the same. Of equals the one that compares fewer captions, and
 * has the lower weight: it is 0 where the words to expect do not help.
 * @param counts how many captions it may compare, ascending.
 */
export function bestChoice(
  sets: readonly DevCaptions[],
  counts: readonly number[],
  language: string,
): Choice | undefined {
  const tokenise = (caption: string) => tokeniseForMetrics(caption, language);
  const scored = sets.map(({ pictures }) => {
    const scorer = new CiderD(pictures.map(({ example }) => example.captions.map(tokenise)));
    return pictures.map(({ captions }, picture) => {
      const scores = captions.map(
        (caption) => [caption, scorer.score(picture, tokenise(caption.text))] as const,
      );
      return { captions, scores: new Map(scores) };
    });
  });
  let best: Choice | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const consensus of counts) {
    for (const expectedWords of WEIGHTS) {
      const choice = { consensus, expectedWords };
      const means = scored.map((pictures) => {
        const sum = pictures.reduce((total, { captions, scores }) => {
          return total + (scores.get(chosenOf(captions, choice)) ?? 0);
        }, 0);
        return sum / pictures.length;
      });
      const score = means.reduce((total, mean) => total + mean, 0);
      if (score > highest) [best, highest] = [choice, score];
    }
  }
  return best;
}
