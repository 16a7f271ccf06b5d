import type { Example } from '../datasets/index.js';
import {
  type CaptionMetrics,
  calibrationError,
  captionKey,
  countWordsUsed,
  describeLengths,
  distinctNGrams,
  evaluateCaptions,
  type Lengths,
  type ReliabilityBin,
  reliability,
  separation,
} from '../metrics/index.js';
import { SPECIAL_TOKENS } from '../text/index.js';
import { type CaptionedRow, type CaptionRow, isCaptioned } from './caption-row.js';
import type { Captioner } from './captioner.js';
import { GOOD_CIDER_D } from './confidence.js';
import type { CaptionOptions } from './options.js';

export interface Evaluation {
  readonly metrics: CaptionMetrics;
  /** Different words in all captions together. */
  readonly wordsUsed: number;
  /** Share of the model's vocabulary that the captions use, 0 to 1. */
  readonly vocabularyUsed: number;
  /** Share of different words among all words of all captions, and of different pairs of words: distinct-1 and distinct-2. */
  readonly distinctWords: number;
  readonly distinctPairs: number;
  /** In the words that the model writes, or its characters. */
  readonly lengths: Lengths;
  /** Share of captions that a person wrote for the same image, word for word; capitals and punctuation do not count. */
  readonly exactMatches: number;
  /** How true the confidences are: see docs/confidence.md. */
  readonly calibration: {
    readonly error: number;
    /** None where all captions are good, or none is. */
    readonly separation: number | undefined;
    readonly bins: readonly ReliabilityBin[];
  };
  /** Images that could not be captioned; they are in no figure. */
  readonly failed: number;
}

/**
 * Captions examples and scores the captions by the COCO evaluation against the examples' own.
 * @param onRow is told each row as it comes, in the order of the examples.
 * @throws `NO_IMAGES` when none could be captioned.
 */
export async function evaluateCaptioner(
  captioner: Captioner,
  examples: readonly Example[],
  options: CaptionOptions = {},
  onRow: (row: CaptionRow, example: Example) => void = () => {},
): Promise<Evaluation> {
  const captioned: { row: CaptionedRow; example: Example }[] = [];
  let index = 0;
  for await (const row of captioner.captionAll(paths(examples), options)) {
    const example = examples[index++] as Example;
    onRow(row, example);
    if (isCaptioned(row)) captioned.push({ row, example });
  }
  const { language, vocabulary } = captioner;
  const metrics = evaluateCaptions(
    captioned.map(({ row, example }) => ({
      id: example.id,
      candidate: row.caption,
      references: example.captions,
    })),
    language,
  );
  const captions = captioned.map(({ row }) => row.caption);
  const words = captions.map((caption) => vocabulary.writing.tokenise(caption));
  const used = new Set(words.flat().filter((word) => vocabulary.numberOf(word) >= SPECIAL_TOKENS.length));
  const exact = captioned.filter(({ row, example }) => {
    const key = captionKey(row.caption, language);
    return example.captions.some((reference) => captionKey(reference, language) === key);
  });
  const judged = captioned.map(({ row: { confidence } }, index) => {
    return { confidence, good: (metrics.perImage[index]?.ciderD ?? 0) > GOOD_CIDER_D };
  });
  const goodAhead = separation(judged);
  return {
    metrics,
    exactMatches: exact.length / captioned.length,
    wordsUsed: countWordsUsed(captions, language),
    vocabularyUsed: used.size / (vocabulary.size - SPECIAL_TOKENS.length),
    distinctWords: distinctNGrams(captions, 1, language),
    distinctPairs: distinctNGrams(captions, 2, language),
    lengths: describeLengths(words.map(({ length }) => length)),
    calibration: {
      error: calibrationError(judged),
      separation: Number.isNaN(goodAhead) ? undefined : goodAhead,
      bins: reliability(judged),
    },
    failed: examples.length - captioned.length,
  };
}

async function* paths(examples: readonly Example[]): AsyncGenerator<string, void, undefined> {
  for (const { image } of examples) yield image;
}
