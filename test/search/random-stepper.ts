import { Random } from '../../src/random.js';
import type { DecoderStepper, StepOutput, WantedWords } from '../../src/search/index.js';
import { SPECIAL_TOKENS } from '../../src/text/index.js';

/** What a row has read: the image's seed and the tokens so far. */
interface History {
  readonly seed: number;
  readonly tokens: readonly number[];
}

export interface RandomStepperOptions {
  /** Words beside the special tokens. */
  readonly words: number;
  /** How far the logits spread: 0 makes every word equally likely, which is full of ties. */
  readonly spread?: number;
  /** Every how many words one is impossible (−∞). */
  readonly impossible?: number;
  /** Whether it gives every word, or just those that are wanted. */
  readonly gives?: 'all' | 'wanted';
}

/**
 * A network without an engine: the next word's distribution is random, and depends on the image's seed and on every token
 * read so far. Each row attends to two cells, the second of which holds the number of tokens read.
 */
export class RandomStepper implements DecoderStepper<readonly number[], readonly History[]> {
  readonly vocabularySize: number;
  /** The rows of each step. */
  readonly stepRows: number[] = [];

  constructor(private readonly options: RandomStepperOptions) {
    this.vocabularySize = SPECIAL_TOKENS.length + options.words;
  }

  start(seeds: readonly number[]): readonly History[] {
    return seeds.map((seed) => ({ seed, tokens: [] }));
  }

  async step(
    tokens: Int32Array,
    state: readonly History[],
    wanted?: WantedWords,
  ): Promise<StepOutput<readonly History[]>> {
    if (tokens.length !== state.length) throw new Error(`${tokens.length} tokens for ${state.length} rows`);
    this.stepRows.push(state.length);
    const logProbabilities = new Float32Array(state.length * this.vocabularySize);
    const attention = new Float32Array(state.length * 2);
    const after = state.map(({ seed, tokens: before }, row) => {
      const history = { seed, tokens: [...before, tokens[row] ?? 0] };
      logProbabilities.set(this.distribution(history), row * this.vocabularySize);
      attention.set([seed, history.tokens.length], row * 2);
      return history;
    });
    if (wanted === undefined || this.options.gives !== 'wanted') {
      return { state: after, logProbabilities, attention };
    }
    return { state: after, attention, ...this.only(wanted, logProbabilities) };
  }

  /** The wanted words of each row, exactly as many as are asked for. */
  private only({ likeliest, named }: WantedWords, logProbabilities: Float32Array) {
    const rows = Array.from({ length: logProbabilities.length / this.vocabularySize }, (_, row) =>
      logProbabilities.subarray(row * this.vocabularySize, (row + 1) * this.vocabularySize),
    );
    const best = rows.map((row) =>
      Array.from(row, (value, token) => ({ value, token }))
        .sort((a, b) => b.value - a.value)
        .slice(0, likeliest),
    );
    return {
      tokens: Int32Array.from(best.flat(), ({ token }) => token),
      logProbabilities: Float32Array.from(best.flat(), ({ value }) => value),
      ...(named === undefined
        ? {}
        : { named: Float32Array.from(rows.flatMap((row) => Array.from(named, (token) => row[token] ?? 0))) }),
    };
  }

  select(state: readonly History[], rows: Int32Array): readonly History[] {
    return Array.from(rows, (row) => {
      const history = state[row];
      if (history === undefined) throw new Error(`no row ${row} among ${state.length}`);
      return history;
    });
  }

  distribution({ seed, tokens }: History): Float32Array {
    let hash = seed;
    for (const token of tokens) hash = Math.imul(hash ^ token, 0x9e3779b1) ^ (hash >>> 13);
    const random = new Random(hash);
    const { spread = 1, impossible = 0 } = this.options;
    const logits = Array.from({ length: this.vocabularySize }, () =>
      impossible > 0 && random.integer(impossible) === 0
        ? Number.NEGATIVE_INFINITY
        : spread * random.normal(),
    );
    const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
    return Float32Array.from(logits, (logit) =>
      sum === Number.NEGATIVE_INFINITY ? Number.NaN : logit - sum,
    );
  }
}
