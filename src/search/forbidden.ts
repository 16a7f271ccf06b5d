import { END } from '../text/index.js';
import type { Rules } from './resolve-options.js';
import type { Rows } from './rows.js';
import type { Trace } from './trace.js';

/** The words that may not come next in each caption under way. */
export class Forbidden {
  /** The most words that may not follow one row of this step. */
  most = 0;
  private readonly mask: Uint8Array;
  /** What is set in the mask for the row entered last, and not for all. */
  private readonly set: number[] = [];
  private readonly never: number;
  private readonly endings: readonly number[];
  /** For each row of this step, the words that may not follow it, beside those that are never written. */
  private ofRow: (readonly number[])[] = [];

  constructor(
    private readonly rules: Rules,
    vocabularySize: number,
  ) {
    this.mask = new Uint8Array(vocabularySize);
    for (const token of rules.banned) this.mask[token] = 1;
    this.never = rules.banned.size;
    this.endings = [...rules.noEndAfter];
  }

  /** Looks at the captions under way before the step in which they end or get their `length`th word. */
  look(rows: Rows, trace: Trace, length: number): void {
    const { minimumLength, maximumLength, noEndAfter, noRepeatNgram } = this.rules;
    const last = length === maximumLength ? this.endings : [];
    const whole = length > minimumLength ? last : [...last, END];
    const unfinished = [...last, END];
    this.most = 0;
    this.ofRow = Array.from({ length: rows.count }, (_, row) => {
      let words = noEndAfter.has(rows.tokens[row]!) ? unfinished : whole;
      if (noRepeatNgram > 0 && length > noRepeatNgram) {
        words = [...words, ...repeating(trace.wordsOf(row), noRepeatNgram)];
      }
      this.most = Math.max(this.most, this.never + words.length);
      return words;
    });
  }

  /** 1 for each word that may not follow the row, `[vocabularySize]`; until the next row is entered. */
  enter(row: number): Uint8Array {
    for (const token of this.set) this.mask[token] = 0;
    this.set.length = 0;
    this.besides(this.ofRow[row]!);
    return this.mask;
  }

  /** Forbids words beside the others to the row entered last. */
  besides(tokens: Iterable<number>): void {
    for (const token of tokens) {
      if (this.mask[token] !== 0) continue;
      this.mask[token] = 1;
      this.set.push(token);
    }
  }
}

/** The words that would complete an n-gram that stands in the caption already. */
function repeating(words: readonly number[], n: number): number[] {
  const found: number[] = [];
  const end = words.length - n + 1;
  for (let start = 0; start < end; start++) {
    let same = 0;
    while (same < n - 1 && words[start + same] === words[end + same]) same++;
    if (same === n - 1) found.push(words[start + n - 1]!);
  }
  return found;
}
