/// <reference path="./wink-porter2-stemmer.d.ts" />
import stemmed from 'wink-porter2-stemmer';
import { FUNCTION_WORDS } from './function-words.js';
import { align, type StemmedWord } from './meteor-alignment.js';
import type { TokenisedItem } from './tokenised-item.js';

/** What `meteor` is, for those who compare it with other figures: the full METEOR also matches synonyms and paraphrases. */
export function meteorVariant(language = 'en'): string {
  return isEnglish(language)
    ? 'METEOR 1.5 for English, of exact and stem matches only'
    : 'METEOR 1.5 with its parameters for English, of exact matches only';
}

/** METEOR 1.5's parameters for English. */
const ALPHA = 0.85;
const BETA = 0.2;
const GAMMA = 0.6;
const DELTA = 0.75;
/** What a match of words counts that only have their stem in common. */
const STEM_WEIGHT = 0.6;

/** What METEOR is computed from. It adds up over captions. */
interface Statistics {
  /** Words and matched words, the candidate's and the reference's, by their weights. */
  readonly candidateWeight: number;
  readonly referenceWeight: number;
  readonly candidateMatched: number;
  readonly referenceMatched: number;
  /** Counted. */
  readonly candidateLength: number;
  readonly referenceLength: number;
  readonly matches: number;
  readonly chunks: number;
}

/** 0 to 1 each. */
export interface MeteorScores {
  /** Of all captions together: not the mean of the images, but the formula on the sums. */
  readonly all: number;
  /** In the order of the items. */
  readonly perImage: readonly number[];
}

/**
 * METEOR 1.5 (Denkowski and Lavie 2014) by exact and stem matches, against the best of each image's references:
 *
 *     P = Σ w_m (δ content + (1 - δ) function words matched) / (δ content + (1 - δ) function words)     of the candidate
 *     R = the same of the reference                             w_m: 1 for equal words, 0.6 for equal stems
 *     F = P R / (α P + (1 - α) R)
 *     METEOR = (1 - γ (chunks / matches)^β) F                   no penalty where all words of both match in one chunk
 *
 * @param language of the captions, BCP 47: of others than English, only equal words match, and all count the same.
 */
export function meteor(items: readonly TokenisedItem[], language = 'en'): MeteorScores {
  const words = wordReader(language);
  const best = items.map(({ candidate, references }) => {
    const ours = words(candidate);
    return references
      .map((reference) => statisticsOf(ours, words(reference)))
      .reduce((one, other) => (scoreOf(other) > scoreOf(one) ? other : one));
  });
  return { all: best.length === 0 ? 0 : scoreOf(best.reduce(sum)), perImage: best.map(scoreOf) };
}

interface WeighedWord extends StemmedWord {
  /** δ for content words, 1 - δ for function words. */
  readonly weight: number;
}

/**
 * What makes words of the evaluation's tokens. METEOR 1.5 splits them once more: `t-shirt` is two words to it, and so is `'s`.
 */
function wordReader(language: string): (tokens: readonly string[]) => WeighedWord[] {
  const known = new Map<string, WeighedWord>();
  const describe = (word: string): WeighedWord => {
    if (!isEnglish(language)) return { word, stem: word, weight: DELTA };
    return { word, stem: stemOf(word), weight: FUNCTION_WORDS.has(word) ? 1 - DELTA : DELTA };
  };
  return (tokens) => {
    const words = tokens.flatMap((token) => token.split(/[-/\u00a0]|(?<=^')/)).filter((word) => word !== '');
    return words.map((word) => {
      const described = known.get(word) ?? describe(word);
      known.set(word, described);
      return described;
    });
  };
}

function isEnglish(language: string): boolean {
  return /^en(?:-|$)/i.test(language);
}

/** Snowball's English stemmer. What is no plain word is its own stem: the package takes some digits for letters. */
function stemOf(word: string): string {
  return /^\p{L}[\p{L}']*$/u.test(word) ? stemmed(word) : word;
}

function statisticsOf(candidate: readonly WeighedWord[], reference: readonly WeighedWord[]): Statistics {
  const total = (words: readonly WeighedWord[]) => words.reduce((sum, { weight }) => sum + weight, 0);
  const { matches, chunks } = align(candidate, reference);
  let candidateMatched = 0;
  let referenceMatched = 0;
  for (const match of matches) {
    const ours = candidate[match.candidate]!;
    const theirs = reference[match.reference]!;
    const worth = ours.word === theirs.word ? 1 : STEM_WEIGHT;
    candidateMatched += worth * ours.weight;
    referenceMatched += worth * theirs.weight;
  }
  return {
    candidateWeight: total(candidate),
    referenceWeight: total(reference),
    candidateMatched,
    referenceMatched,
    candidateLength: candidate.length,
    referenceLength: reference.length,
    matches: matches.length,
    chunks,
  };
}

function scoreOf(statistics: Statistics): number {
  const { candidateLength, referenceLength, matches, chunks } = statistics;
  if (matches === 0) return 0;
  const precision = statistics.candidateMatched / statistics.candidateWeight;
  const recall = statistics.referenceMatched / statistics.referenceWeight;
  const mean = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall);
  const perfect = chunks === 1 && matches === candidateLength && matches === referenceLength;
  return perfect ? mean : mean * (1 - GAMMA * (chunks / matches) ** BETA);
}

function sum(a: Statistics, b: Statistics): Statistics {
  const names = Object.keys(a) as (keyof Statistics)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as Statistics;
}
