import { LegendaError } from '../errors.js';
import { factsOf, type LanguageFacts } from './languages.js';

/** What a model reads and writes one at a time. */
export const UNITS = ['words', 'characters'] as const;
export type Unit = (typeof UNITS)[number];

/**
 * How captions of a language become words in lower case, and words a sentence again.
 *
 * Where spaces part words: letters and digits with the hyphens and apostrophes inside, no punctuation. What English and
 * the Romance languages join by an apostrophe becomes two words, so that spellings agree: `the man's` -> `the man 's`,
 * `l'homme` -> `l' homme`. Where no spaces part them (Japanese, Chinese, Thai, …), words are those of `Intl.Segmenter`.
 * With unit `characters` every character is a word of its own, a space too, and punctuation stays.
 */
export class Writing {
  readonly language: string;
  readonly unit: Unit;
  private readonly facts: LanguageFacts;
  private readonly segmenter: Intl.Segmenter | undefined;
  /** The same language by words. */
  private inWords: Writing | undefined;

  /** @param language BCP 47. @throws `CONFIGURATION_INVALID` if it is not. */
  constructor({ language = 'en', unit = 'words' }: { language?: string; unit?: Unit } = {}) {
    this.language = requireLanguage(language);
    this.unit = unit;
    this.facts = factsOf(language);
    const granularity = unit === 'characters' ? 'grapheme' : 'word';
    this.segmenter =
      unit === 'characters' || !this.facts.spaces ? new Intl.Segmenter(language, { granularity }) : undefined;
  }

  /** A caption's words in lower case, without punctuation: `"The man's T-shirt."` -> `the man 's t-shirt`. */
  tokenise(caption: string): string[] {
    return this.split(this.normalised(caption).toLocaleLowerCase(this.language));
  }

  /** A caption's words with the capitals that it has; not always as many as in lower case. */
  withCapitals(caption: string): string[] {
    return this.split(this.normalised(caption));
  }

  /** Words written as a sentence: `a man 's hat` -> `A man's hat.` No words give an empty string. */
  sentence(words: readonly string[]): string {
    if (words.length === 0) return '';
    const text = this.unit === 'characters' ? words.join('').trim() : words.reduce((a, b) => this.join(a, b));
    const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
    const capital = first.toLocaleUpperCase(this.language);
    // A letter such as ß, whose capital is another word when read again, stays small, and so do Georgian ones.
    const isWritten = capital.toLocaleLowerCase(this.language) === first && !/[\u1c90-\u1cbf]/.test(capital);
    const end = SENTENCE_END.test(text) ? '' : this.facts.fullStop;
    return `${isWritten ? capital : first}${text.slice(first.length)}${end}`;
  }

  /** Whether a caption tells the left from the right. */
  tellsSides(caption: string): boolean {
    const { sides } = this.facts;
    if (sides === undefined) return false;
    this.inWords ??= this.unit === 'words' ? this : new Writing({ language: this.language });
    return this.inWords.tokenise(caption).some((word) => sides.test(word));
  }

  private normalised(caption: string): string {
    const { compatibility, optionalMarks } = this.facts;
    const text = caption.normalize(compatibility ? 'NFKC' : 'NFC').replace(/[‘’ʼ`]/g, "'");
    return optionalMarks === undefined ? text : text.replace(optionalMarks, '');
  }

  private split(text: string): string[] {
    if (this.unit === 'characters') return this.characters(text);
    if (this.segmenter !== undefined) {
      return [...this.segmenter.segment(text)]
        .filter(({ isWordLike }) => isWordLike)
        .map(({ segment }) => segment);
    }
    return [...text.matchAll(WORD)].flatMap(([word]) => this.parts(word));
  }

  /** `man's` -> `man`, `'s`; `l'homme` -> `l'`, `homme`. */
  private parts(word: string): string[] {
    const begin = this.facts.elisions?.exec(word)?.[0].length ?? 0;
    const end = this.facts.clitics?.exec(word)?.index ?? word.length;
    return [word.slice(0, begin), word.slice(begin, end), word.slice(end)].filter((part) => part !== '');
  }

  /** All but a full stop at the end; spaces as one. */
  private characters(text: string): string[] {
    const line = text.replace(/\s+/g, ' ').replace(FINAL_STOP, '').trim();
    return [...(this.segmenter as Intl.Segmenter).segment(line)].map(({ segment }) => segment);
  }

  /** A sentence with its next word. */
  private join(text: string, word: string): string {
    const { elisions, clitics, spaces } = this.facts;
    const elided = elisions !== undefined && text.endsWith("'");
    const isClitic = clitics !== undefined && WHOLE_CLITIC.test(word);
    const parted =
      spaces || (/[\p{Script=Latin}\p{N}]$/u.test(text) && /^[\p{Script=Latin}\p{N}]/u.test(word));
    return `${text}${parted && !elided && !isClitic ? ' ' : ''}${word}`;
  }
}

/** The words of most data sets, and of all that the metrics of captions were made for. */
export const ENGLISH = new Writing();

/** Letters and digits with inner hyphens, apostrophes, or a decimal point between digits; or an English ending by itself. */
const WORD =
  /[\p{L}\p{N}\p{M}]+(?:(?:['-]|(?<=\p{N})[.,](?=\p{N}))[\p{L}\p{N}\p{M}]+)*|(?<=^|\s)'(?:s|re|ve|ll|d|m)(?=\s|$)/giu;
const WHOLE_CLITIC = /^(?:n't|'(?:s|re|ve|ll|d|m))$/i;
/** Also the Chinese, the full-width, the Indic, the Urdu, the Khmer and the Burmese one. */
const SENTENCE_END = /\p{Sentence_Terminal}$/u;
const FINAL_STOP = /[.\u3002\uff0e\u0964\u06d4\u17d4\u104b]+\s*$/u;

function requireLanguage(language: string): string {
  try {
    if (Intl.getCanonicalLocales(language).length === 1) return language;
  } catch {}
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'a language as BCP 47 has it, such as en, pt-BR or ja',
    received: JSON.stringify(language),
  });
}
