import type { Random } from '../random.js';
import { Candidates } from './candidates.js';
import type { StepWords } from './step-words.js';

export interface DrawOptions {
  readonly temperature: number;
  /** Undefined for all words. */
  readonly topK: number | undefined;
  readonly topP: number;
}

/** Draws words by p^(1/temperature), among the `topK` likeliest and of those among the nucleus `topP`. */
export class Draw {
  /** The words to draw from and how often each is drawn, relative to the likeliest; filled up to `count`. */
  private readonly tokens: Int32Array;
  private readonly weights: Float64Array;
  private count = 0;
  private readonly likeliest: Candidates | undefined;

  constructor(
    private readonly options: DrawOptions,
    vocabularySize: number,
  ) {
    const { topK } = options;
    const size = Math.min(topK ?? vocabularySize, vocabularySize);
    this.tokens = new Int32Array(size);
    this.weights = new Float64Array(size);
    this.likeliest = topK === undefined ? undefined : new Candidates(size);
  }

  /** A word to follow the row; undefined if none can. @param forbidden 1 for each word that may not follow. */
  word(words: StepWords, row: number, forbidden: Uint8Array, random: Random): number | undefined {
    const { likeliest, options } = this;
    if (likeliest === undefined) this.takeAll(words, row, forbidden);
    else this.takeLikeliest(likeliest, words, row, forbidden);
    if (options.topP < 1) this.keepNucleus(options.topP);
    let left = random.uniform() * this.sum();
    for (let i = 0; i < this.count; i++) {
      left -= this.weights[i]!;
      if (left < 0) return this.tokens[i];
    }
    // What rounding leaves over.
    return this.count === 0 ? undefined : this.tokens[this.count - 1];
  }

  private takeLikeliest(likeliest: Candidates, words: StepWords, row: number, forbidden: Uint8Array): void {
    likeliest.clear();
    likeliest.offer(words, row, 0, forbidden);
    this.count = 0;
    for (let i = 0; i < likeliest.size; i++) {
      this.take(likeliest.tokens[i]!, likeliest.totals[i]! - likeliest.totals[0]!);
    }
  }

  private takeAll({ logProbabilities, width }: StepWords, row: number, forbidden: Uint8Array): void {
    const offset = row * width;
    let highest = Number.NEGATIVE_INFINITY;
    for (let token = 0; token < width; token++) {
      if (logProbabilities[offset + token]! > highest && forbidden[token] === 0) {
        highest = logProbabilities[offset + token]!;
      }
    }
    this.count = 0;
    for (let token = 0; token < width; token++) {
      if (forbidden[token] === 0) this.take(token, logProbabilities[offset + token]! - highest);
    }
  }

  /** @param difference of the word's log-probability from the highest. */
  private take(token: number, difference: number): void {
    const weight = Math.exp(difference / this.options.temperature);
    // Not for an impossible word (−∞, NaN).
    if (!(weight > 0)) return;
    this.tokens[this.count] = token;
    this.weights[this.count++] = weight;
  }

  /** Keeps the fewest of the likeliest words that together have the share of the weights. */
  private keepNucleus(share: number): void {
    const sum = this.sum();
    // All words below this weight together have less than the share that is left out, so few are left to sort.
    const least = ((1 - share) * sum) / this.count;
    const kept: { token: number; weight: number }[] = [];
    for (let i = 0; i < this.count; i++) {
      const weight = this.weights[i]!;
      if (weight >= least) kept.push({ token: this.tokens[i]!, weight });
    }
    kept.sort((a, b) => b.weight - a.weight || a.token - b.token);
    let together = 0;
    this.count = 0;
    for (const { token, weight } of kept) {
      this.tokens[this.count] = token;
      this.weights[this.count++] = weight;
      together += weight;
      if (together >= share * sum) return;
    }
  }

  private sum(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.weights[i]!;
    return sum;
  }
}
