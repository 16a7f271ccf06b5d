import type { Dataset, Split } from '../datasets/index.js';
import { UNKNOWN, Vocabulary, Writing } from '../text/index.js';

export interface WordOptions {
  readonly writing: Writing;
  /** Times a word must occur in train to be learnt. */
  readonly minimumCount: number;
  /** Words of a caption that are learnt, at most. */
  readonly maximumLength: number;
}

/** What a training with these settings would learn. */
export function wordOptions(settings: {
  readonly language: string;
  readonly vocabulary: Omit<WordOptions, 'writing'> & Pick<Writing, 'unit'>;
}): WordOptions {
  const { language, vocabulary } = settings;
  return { ...vocabulary, writing: new Writing({ language, unit: vocabulary.unit }) };
}

/** The words of a data set's captions, and which of them a model would learn. */
export interface WordCounts {
  readonly options: WordOptions;
  /** Captions by their number of words: `lengths[7]` have seven. */
  readonly lengths: readonly number[];
  /** How many are longer than the maximum. */
  readonly tooLong: number;
  /** Different words in train, and how many of them occur often enough. */
  readonly different: number;
  readonly kept: number;
  /** Words as they stand in captions that would be unknown, of all, by split. */
  readonly unknown: ReadonlyMap<Split, number>;
  /** The words kept, most frequent first, with how often they occur in train. */
  readonly frequent: readonly { readonly word: string; readonly count: number }[];
}

/** Words shown as the most frequent. */
const FREQUENT = 60;

export function countWords({ examples }: Dataset, options: WordOptions): WordCounts {
  const { writing, minimumCount, maximumLength } = options;
  const training = examples.filter(({ split }) => split === 'train').flatMap(({ captions }) => captions);
  const vocabulary = Vocabulary.of(training, minimumCount, writing);
  const counts = new Map<string, number>();
  const lengths: number[] = [];
  const words = new Map<Split, { all: number; unknown: number }>();
  for (const { captions, split } of examples) {
    const seen = words.get(split) ?? { all: 0, unknown: 0 };
    words.set(split, seen);
    for (const caption of captions) {
      const written = writing.tokenise(caption);
      lengths[written.length] = (lengths[written.length] ?? 0) + 1;
      seen.all += written.length;
      for (const word of written) {
        if (split === 'train') counts.set(word, (counts.get(word) ?? 0) + 1);
        if (vocabulary.numberOf(word) === UNKNOWN) seen.unknown++;
      }
    }
  }
  const kept = [...counts].filter(([, count]) => count >= minimumCount);
  return {
    options,
    lengths: Array.from(lengths, (count) => count ?? 0),
    tooLong: lengths.slice(maximumLength + 1).reduce((sum, count) => sum + (count ?? 0), 0),
    different: counts.size,
    kept: kept.length,
    unknown: new Map([...words].map(([split, { all, unknown }]) => [split, all === 0 ? 0 : unknown / all])),
    frequent: kept
      .sort(([, a], [, b]) => b - a)
      .slice(0, FREQUENT)
      .map(([word, count]) => ({ word, count })),
  };
}
