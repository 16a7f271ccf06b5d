import { LegendaError } from '../errors.js';
import { END, SPECIAL_TOKENS, START, UNKNOWN } from './special-tokens.js';

/** The words that a model can read and write, by number. The first four are special; the rest fall in frequency. */
export class Vocabulary {
  private readonly numbers: ReadonlyMap<string, number>;

  /** @param words special tokens first, no word twice. @throws `CONFIGURATION_INVALID` otherwise. */
  constructor(readonly words: readonly string[]) {
    this.numbers = new Map(words.map((word, number) => [word, number]));
    const specialFirst = SPECIAL_TOKENS.every((token, number) => words[number] === token);
    if (!specialFirst || this.numbers.size !== words.length) {
      throw new LegendaError('CONFIGURATION_INVALID', {
        expected: `a vocabulary that begins with ${SPECIAL_TOKENS.join(' ')} and names no word twice`,
        received: `${words.length} words beginning with ${words.slice(0, 4).join(' ')}`,
      });
    }
  }

  get size(): number {
    return this.words.length;
  }

  /** The word's number; `UNKNOWN` for one that is not in the vocabulary. */
  numberOf(word: string): number {
    return this.numbers.get(word) ?? UNKNOWN;
  }

  /** `[START, …words, END]`. */
  encode(words: readonly string[]): number[] {
    return [START, ...words.map((word) => this.numberOf(word)), END];
  }

  /** The tokens' words, special tokens left out. */
  decode(tokens: Iterable<number>): string[] {
    const words: string[] = [];
    for (const token of tokens) {
      const word = this.words[token];
      if (word !== undefined && token >= SPECIAL_TOKENS.length) words.push(word);
    }
    return words;
  }
}

/**
 * The vocabulary of all words that occur at least `minimumCount` times, most frequent first, equals in alphabetical order.
 * @param captions each as its words.
 */
export function buildVocabulary(captions: Iterable<readonly string[]>, minimumCount: number): Vocabulary {
  const counts = new Map<string, number>();
  for (const words of captions) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= minimumCount);
  kept.sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1));
  return new Vocabulary([...SPECIAL_TOKENS, ...kept.map(([word]) => word)]);
}
