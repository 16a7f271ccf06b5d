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

  constructor(
    private readonly capacity: number,
    private readonly banned: ReadonlySet<number>,
  ) {
    this.rows = new Int32Array(capacity);
    this.tokens = new Int32Array(capacity);
    this.totals = new Float64Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  /**
   * Offers every token as the continuation of `row`. Impossible tokens (−∞, NaN) and banned ones are left out.
   * @param logProbabilities `[rows, vocabularySize]`
   * @param total the row's log-probability so far
   */
  offer(logProbabilities: Float32Array, vocabularySize: number, row: number, total: number): void {
    const offset = row * vocabularySize;
    let threshold = this.threshold();
    // The whole vocabulary passes here for every word written: nothing in this loop but an addition and a comparison.
    for (let token = 0; token < vocabularySize; token++) {
      const candidate = total + logProbabilities[offset + token]!;
      if (candidate > threshold && !this.banned.has(token)) {
        this.insert(row, token, candidate);
        threshold = this.threshold();
      }
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
