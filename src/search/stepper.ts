/**
 * What search sees of a network: rows of captions under way. One search serves both engines, and tests need neither.
 *
 * A state holds one row per caption under way. Rows of the same image need not be neighbours, but engines are fastest
 * when they are and when every image has equally many.
 */
export interface DecoderStepper<Images, State> {
  /** The number of words, special tokens included. */
  readonly vocabularySize: number;
  /** One row per image, in the order of the images. */
  start(images: Images): State;
  /**
   * Feeds `tokens[row]` to each row.
   * @param tokens `[rows]`, the token written last in each row (`startToken` at first).
   * @param wanted which words' log-probabilities are needed; without it, every word's. A stepper may always give more:
   *   the likeliest `likeliest` or any larger number of them, or every word's.
   */
  step(tokens: Int32Array, state: State, wanted?: WantedWords): Promise<StepOutput<State>>;
  /** Keeps, repeats and reorders rows: row `i` of the result is row `rows[i]` of the given state. */
  select(state: State, rows: Int32Array): State;
}

/** The words whose log-probabilities a step is to give; it may be another choice in every step. */
export interface WantedWords {
  /** How many of each row's likeliest words, special tokens included. */
  readonly likeliest: number;
  /** Words whose log-probabilities are needed besides, likely or not: the same for every row. */
  readonly named?: Int32Array;
}

/** What a step gives; its arrays are the caller's, to change or to keep. */
export interface StepOutput<State> {
  readonly state: State;
  /** Natural logarithms, row-major: `[rows, vocabularySize]`, or `[rows, width]` where `tokens` is given. */
  readonly logProbabilities: Float32Array;
  /**
   * The words that `logProbabilities` belong to, row-major `[rows, width]`: each row's likeliest first, of equals the
   * earlier token first; `width` is at least `wanted.likeliest`. Absent where every word's are given, in the order of the
   * vocabulary.
   */
  readonly tokens?: Int32Array;
  /** The log-probabilities of `wanted.named`, row-major `[rows, named.length]`; there if `tokens` and `named` are. */
  readonly named?: Float32Array;
  /** What of each of `logProbabilities` is not the network's own; absent where all is. */
  readonly preferred?: Float32Array;
  /** Where each row looked, row-major `[rows, gridCells]`; absent in networks without attention. */
  readonly attention?: Float32Array;
}

/** A finished caption as tokens. */
export interface Hypothesis {
  /** Without the start and end tokens. */
  readonly tokens: readonly number[];
  /** Sum over the tokens and the end token (if it ended), natural logarithm, by the network alone. */
  readonly logProbability: number;
  /**
   * The score that the search ranked by: log-probability over length to the power of the length penalty; where there is a
   * preference, with that in it.
   */
  readonly score: number;
  /** Whether it ended with the end token rather than at the length limit. */
  readonly ended: boolean;
  /** Where each token looked, one `[gridCells]` a token; only when asked for and the network attends. */
  readonly attention?: readonly Float32Array[];
  /** Of each token, and of the end token if it ended; only when asked for. Their sum is `logProbability`. */
  readonly wordLogProbabilities?: readonly number[];
}
