import type { Example } from '../datasets/index.js';
import { CiderD, tokeniseForMetrics } from '../metrics/index.js';
import { byConsensus } from '../search/index.js';
import type { CaptionEvidence } from './confidence-features.js';

/** One of the captions found for a dev picture, with what is known of it. */
export interface DevCaption extends CaptionEvidence {
  readonly text: string;
}

/** A picture with the captions found, at least one, in the order in which the search ranks them. */
export interface DevPicture {
  readonly example: Example;
  readonly captions: readonly DevCaption[];
}

/** The captions found for the dev pictures of a data set, before one of each is chosen. */
export interface DevCaptions {
  /** The data set's name. */
  readonly set: string;
  readonly pictures: readonly DevPicture[];
}

/** How a picture's caption is searched for and chosen. */
export interface Choice {
  /** How many of the best are compared; 0 takes the first. */
  readonly consensus: number;
  /** How much the words to expect count. */
  readonly expectedWords: number;
}

/** The captions found by a search in which the words to expect count so much. */
export interface DevSearch {
  readonly expectedWords: number;
  readonly sets: readonly DevCaptions[];
}

/** The caption that a search takes which chooses so. */
export function chosenOf(captions: readonly DevCaption[], { consensus, expectedWords }: Choice): DevCaption {
  const merit = ({ wordFit = 0 }: DevCaption) => expectedWords * wordFit;
  return byConsensus(captions, consensus, merit)[0] as DevCaption;
}

/**
 * The choice whose captions have the highest CIDEr-D, all sets counting the same, with the sets; of equals the one that comes first.
 * @param searches at least one. @param counts how many captions may be compared, at least one.
 */
export function bestChoice(
  searches: readonly DevSearch[],
  counts: readonly number[],
  language: string,
): Choice & DevSearch {
  const scored = searches.flatMap((search) => {
    const scores = search.sets.map((set) => scoresOf(set, language));
    return counts.map((consensus) => {
      const choice = { ...search, consensus };
      const means = search.sets.map(({ pictures }, set) => {
        const chosen = pictures.map(({ captions }) => scores[set]?.get(chosenOf(captions, choice)) ?? 0);
        return chosen.reduce((sum, value) => sum + value, 0) / pictures.length;
      });
      return { choice, score: means.reduce((sum, mean) => sum + mean, 0) };
    });
  });
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).choice;
}

/** The CIDEr-D of every caption of a set. */
function scoresOf({ pictures }: DevCaptions, language: string): ReadonlyMap<DevCaption, number> {
  const tokenise = (caption: string) => tokeniseForMetrics(caption, language);
  const scorer = new CiderD(pictures.map(({ example }) => example.captions.map(tokenise)));
  return new Map(
    pictures.flatMap(({ captions }, picture) =>
      captions.map((caption) => [caption, scorer.score(picture, tokenise(caption.text))] as const),
    ),
  );
}
