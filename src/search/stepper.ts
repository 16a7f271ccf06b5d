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
   */
  step(tokens: Int32Array, state: State): Promise<StepOutput<State>>;
  /** Keeps, repeats and reorders rows: row `i` of the result is row `rows[i]` of the given state. */
  select(state: State, rows: Int32Array): State;
}

export interface StepOutput<State> {
  readonly state: State;
  /** Natural logarithms, row-major `[rows, vocabularySize]`. */
  readonly logProbabilities: Float32Array;
  /** Where each row looked, row-major `[rows, gridCells]`; absent in networks without attention. */
  readonly attention?: Float32Array;
}

/** A finished caption as tokens. */
export interface Hypothesis {
  /** Without the start and end tokens. */
  readonly tokens: readonly number[];
  /** Sum over the tokens and the end token (if it ended), natural logarithm. */
  readonly logProbability: number;
  /** The score that the search ranked by: log-probability over length to the power of the length penalty. */
  readonly score: number;
  /** Whether it ended with the end token rather than at the length limit. */
  readonly ended: boolean;
  /** Where each token looked, one `[gridCells]` a token; only when asked for and the network attends. */
  readonly attention?: readonly Float32Array[];
}
