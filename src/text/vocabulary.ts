import { LegendaError } from '../errors.js';
import { END, SPECIAL_TOKENS, START, UNKNOWN } from './special-tokens.js';
import { ENGLISH, type Writing } from './writing.js';
import { asWritten, writtenForms } from './written-forms.js';

/** The words that a model can read and write, by number, and how they become captions. The first four are special. */
export class Vocabulary {
  private readonly numbers: ReadonlyMap<string, number>;

  /**
   * @param words special tokens first, no word twice; most frequent first.
   * @param forms how words, and pairs of words, are written that are not in lower case: `japan` -> `Japan`.
   * @throws `CONFIGURATION_INVALID` otherwise.
   */
  constructor(
    readonly words: readonly string[],
    readonly writing: Writing = ENGLISH,
    readonly forms: ReadonlyMap<string, string> = new Map(),
  ) {
    this.numbers = new Map(words.map((word, number) => [word, number]));
    const specialFirst = SPECIAL_TOKENS.every((token, number) => words[number] === token);
    if (!specialFirst || this.numbers.size !== words.length) {
      throw new LegendaError('CONFIGURATION_INVALID', {
        expected: `a vocabulary that begins with ${SPECIAL_TOKENS.join(' ')} and names no word twice`,
        received: `${words.length} words beginning with ${words.slice(0, 4).join(' ')}`,
      });
    }
  }

  /** The vocabulary of all words of captions that occur at least `minimumCount` times. */
  static of(captions: readonly string[], minimumCount: number, writing: Writing = ENGLISH): Vocabulary {
    const { words, forms } = frequentWords(captions, minimumCount, writing);
    return new Vocabulary([...SPECIAL_TOKENS, ...words], writing, forms);
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

  /** The tokens as a sentence that people would write. */
  sentence(tokens: Iterable<number>): string {
    return this.writing.sentence(asWritten(this.decode(tokens), this.forms));
  }

  /**
   * This vocabulary with the words of more captions after its own, which keep their numbers.
   * @param minimumCount times a word must occur in them to be added.
   * @param writing the captions'.
   */
  extendedBy(captions: readonly string[], minimumCount: number, writing = this.writing): Vocabulary {
    const { words, forms } = frequentWords(captions, minimumCount, writing);
    const added = words.filter((word) => !this.numbers.has(word));
    return new Vocabulary([...this.words, ...added], writing, new Map([...forms, ...this.forms]));
  }
}

/** Most frequent first, equals in alphabetical order. */
function frequentWords(captions: readonly string[], minimumCount: number, writing: Writing) {
  const counts = new Map<string, number>();
  for (const caption of captions)
    for (const word of writing.tokenise(caption)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= minimumCount);
  kept.sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1));
  const words = kept.map(([word]) => word);
  return { words, forms: writtenForms(captions, words, writing) };
}
