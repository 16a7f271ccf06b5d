import { END } from '../text/index.js';

/** A word that a caption must have: any of several tokens, such as `cat` and `cats`. */
export interface RequiredWord {
  readonly anyOf: readonly number[];
}

/** A token that takes a caption to another state of the machine. */
interface Move {
  readonly token: number;
  readonly to: number;
}

/**
 * The finite-state machine of the words that a caption must have (Anderson et al. 2017, Guided Open Vocabulary Image
 * Captioning with Constrained Beam Search). Bit i of a state's number says whether the caption has the i-th word.
 */
export class RequiredWords {
  /** The number of states. */
  readonly states: number;
  /** The state that a caption may end in: it has every word. */
  readonly complete: number;
  /** For each state the tokens that lead out of it, the earliest first. */
  readonly moves: readonly (readonly Move[])[];
  /** For each state what may not follow within it: the tokens that lead out of it and, unless complete, the end. */
  readonly closed: readonly (readonly number[])[];

  constructor(words: readonly RequiredWord[]) {
    this.states = 2 ** words.length;
    this.complete = this.states - 1;
    const tokens = [...new Set(words.flatMap(({ anyOf }) => anyOf))].sort((a, b) => a - b);
    const reached = (token: number) =>
      words.reduce((bits, { anyOf }, index) => (anyOf.includes(token) ? bits | (1 << index) : bits), 0);
    this.moves = Array.from({ length: this.states }, (_, state) =>
      tokens.map((token) => ({ token, to: state | reached(token) })).filter(({ to }) => to !== state),
    );
    this.closed = this.moves.map((moves, state) => [
      ...moves.map(({ token }) => token),
      ...(state === this.complete ? [] : [END]),
    ]);
  }
}
