import type { StepWords } from './step-words.js';

/**
 * The best continuations of one image's captions, at most `capacity`, best first. Of equals the one offered first leads,
 * so that the order is that of rows, then of tokens.
 */
export class Candidates {
  size = 0;
  readonly rows: Int32Array;
  readonly tokens: Int32Array;
  /** The log-probability of the whole caption with the token. */
  readonly totals: Float64Array;

  constructor(private readonly capacity: number) {
    this.rows = new Int32Array(capacity);
    this.tokens = new Int32Array(capacity);
    this.totals = new Float64Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  /**
   * Offers every word given as the continuation of `row`. Impossible words (−∞, NaN) and forbidden ones are left out.
   * @param total the row's log-probability so far
   * @param forbidden 1 for each word that may not follow, `[vocabularySize]`
   */
  offer(words: StepWords, row: number, total: number, forbidden: Uint8Array): void {
    if (words.tokens === undefined) this.offerAll(words.logProbabilities, row, total, forbidden);
    else this.offerLikeliest(words.logProbabilities, words.tokens, words.width, row, total, forbidden);
  }

  /** Offers one word, the caption with it having this log-probability. */
  offerOne(row: number, token: number, total: number): void {
    if (total > this.threshold()) this.insert(row, token, total);
  }

  private offerAll(values: Float32Array, row: number, total: number, forbidden: Uint8Array): void {
    const first = row * forbidden.length;
    const end = first + forbidden.length;
    let threshold = this.threshold();
    let least = leastOf(threshold, total);
    for (let place = first; place < end; place++) {
      // The whole vocabulary passes here for every word written. By fours takes half the time.
      while (
        place + 3 < end &&
        !(
          values[place]! > least ||
          values[place + 1]! > least ||
          values[place + 2]! > least ||
          values[place + 3]! > least
        )
      )
        place += 4;
      if (place >= end || !(values[place]! > least)) continue;
      const token = place - first;
      const candidate = total + values[place]!;
      if (candidate > threshold && forbidden[token] === 0) {
        this.insert(row, token, candidate);
        threshold = this.threshold();
        least = leastOf(threshold, total);
      }
    }
  }

  private offerLikeliest(
    logProbabilities: Float32Array,
    tokens: Int32Array,
    width: number,
    row: number,
    total: number,
    forbidden: Uint8Array,
  ): void {
    for (let place = row * width; place < (row + 1) * width; place++) {
      const candidate = total + logProbabilities[place]!;
      // What follows is no likelier.
      if (!(candidate > this.threshold())) return;
      const token = tokens[place]!;
      if (forbidden[token] === 0) this.insert(row, token, candidate);
    }
  }

  private threshold(): number {
    return this.size < this.capacity ? Number.NEGATIVE_INFINITY : this.totals[this.capacity - 1]!;
  }

  private insert(row: number, token: number, total: number): void {
    let place = this.size < this.capacity ? this.size++ : this.capacity - 1;
    for (; place > 0 && this.totals[place - 1]! < total; place--) {
      this.rows[place] = this.rows[place - 1]!;
      this.tokens[place] = this.tokens[place - 1]!;
      this.totals[place] = this.totals[place - 1]!;
    }
    this.rows[place] = row;
    this.tokens[place] = token;
    this.totals[place] = total;
  }
}

/** What a word's log-probability must be above, or by rounding nearly so, for the caption with it to pass the threshold. */
function leastOf(threshold: number, total: number): number {
  return threshold - total - 1e-9 * (1 - threshold);
}
