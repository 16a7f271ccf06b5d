import type { Preference } from '../search/index.js';
import { SPECIAL_TOKENS } from '../text/index.js';

/** The file of a bundle that says which words to expect of a picture. */
export const EXPECTED_WORDS = 'expected-words.safetensors';

/**
 * Which words people are expected to use of a picture, by its evidence (`word-evidence.ts`, E numbers); see
 * `learn-expected-words.ts`.
 */
export interface ExpectedWordsModel {
  /** Of the evidence of training pictures, `[E]`. */
  readonly mean: Float32Array;
  /** Its standard deviation, `[E]`, all above 0. */
  readonly deviation: Float32Array;
  /** How rare each word of the vocabulary is: log(pictures / pictures of which it is said), `[V]`. */
  readonly rarity: Float32Array;
  /** The words that are often enough to know when to expect them, as tokens, `[W]`. */
  readonly words: Int32Array;
  /** How much of each is expected of an average picture, `[W]`. */
  readonly base: Float32Array;
  /** What of the evidence counts, `[R, E]`, each row in steps of its own size. */
  readonly directions: Int8Array;
  /** What one step of each row of `directions` is worth, `[R]`. */
  readonly directionScale: Float32Array;
  /** How each word's expectation changes along the directions, `[W, R]`, each row in steps of its own size. */
  readonly weights: Int8Array;
  /** What one step of each row of `weights` is worth, `[W]`. */
  readonly scale: Float32Array;
}

/** ‖n(c) log(N / n)‖ of a caption: 10.0 in the mean of Flickr8k's, 10.6 of MS COCO's. While one is written its own is not known. */
const TYPICAL_NORM = 10;

/** What to expect of one picture's captions. */
export interface WordExpectation {
  /** How well a caption's words are those that people would use. */
  fitOf(tokens: readonly number[]): number;
  /** What a word adds to the fit of a caption of the norm 1. @param token a word. */
  shareOf(token: number): number;
}

/** The words to expect of pictures. */
export class ExpectedWords {
  /** The row of each word of the vocabulary among `words`; −1 for one without. */
  private readonly rows: Int32Array;
  /** `directions` in units of their own, which a product takes half the time for. */
  private readonly directions: Float32Array;

  constructor(private readonly model: ExpectedWordsModel) {
    this.rows = new Int32Array(model.rarity.length).fill(-1);
    for (const [row, token] of model.words.entries()) this.rows[token] = row;
    const { directions, directionScale, deviation } = model;
    const width = deviation.length;
    this.directions = new Float32Array(directions.length);
    // A thread's start waits for it: a callback for each number would take ten times as long.
    for (let row = 0; row < directionScale.length; row++) {
      for (let i = 0, place = row * width; i < width; i++, place++) {
        this.directions[place] = (directions[place]! * directionScale[row]!) / deviation[i]!;
      }
    }
  }

  /**
   * What captions of a picture are measured by: the similarity to expect with what a person writes of it,
   *
   *     fit(c) = Σ_w t_w(c) · e_w,      e_w = b_w + Σ_r W_wr Σ_i P_ri (x_i − m_i) / d_i
   *     t_w(c) = n_w(c) log(N / n_w) / ‖n(c) log(N / n)‖
   *
   * with n_w(c) how often c has the word w, and n_w of how many of N pictures it is said: the first of CIDEr's four terms (Vedantam
   * et al. 2015), with the mean of t over a picture's captions predicted from its evidence x in place of the captions.
   * @param evidence the picture's, `[E]`.
   */
  of(evidence: Float32Array): WordExpectation {
    const { rarity } = this.model;
    const position = this.positionOf(evidence);
    const known = new Float64Array(this.model.words.length).fill(Number.NaN);
    const expected = (token: number): number => {
      const row = this.rows[token] ?? -1;
      if (row === -1) return 0;
      if (Number.isNaN(known[row]!)) known[row] = this.expectation(row, position);
      return known[row]!;
    };
    const fitOf = (tokens: readonly number[]): number => {
      let sum = 0;
      let squares = 0;
      for (const [token, weight] of weightsOf(tokens, rarity)) {
        squares += weight ** 2;
        sum += weight * expected(token);
      }
      return squares === 0 ? 0 : sum / Math.sqrt(squares);
    };
    return { fitOf, shareOf: (token) => rarity[token]! * expected(token) };
  }

  /** Where evidence lies along each direction, `[R]`. */
  private positionOf(evidence: Float32Array): Float32Array {
    const { mean, directionScale } = this.model;
    const centred = evidence.map((value, i) => value - mean[i]!);
    return directionScale.map((_, row) => product(this.directions, row * mean.length, centred));
  }

  private expectation(row: number, position: Float32Array): number {
    const { base, scale, weights } = this.model;
    return base[row]! + scale[row]! * product(weights, row * position.length, position);
  }
}

/** Σ_i rows[first + i] · vector[i]. */
function product(rows: Float32Array | Int8Array, first: number, vector: Float32Array): number {
  const width = vector.length;
  const even = width - (width % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  // Four sums at once take a third of the time: an addition waits for the one before it.
  for (let i = 0; i < even; i += 4) {
    a += rows[first + i]! * vector[i]!;
    b += rows[first + i + 1]! * vector[i + 1]!;
    c += rows[first + i + 2]! * vector[i + 2]!;
    d += rows[first + i + 3]! * vector[i + 3]!;
  }
  for (let i = even; i < width; i++) a += rows[first + i]! * vector[i]!;
  return a + b + c + d;
}

/** What a search is to add for what is expected of a picture. @param weight how much it counts, 0 or more. */
export function preferenceFor({ fitOf, shareOf }: WordExpectation, weight: number): Preference {
  return {
    ofWord: (token) => Math.max(0, (weight / TYPICAL_NORM) * shareOf(token)),
    ofCaption: ({ tokens }) => weight * fitOf(tokens),
  };
}

/** n_w(c) log(N / n_w) of each different word of a caption, special ones left out. @param rarity `[V]`. */
export function weightsOf(tokens: readonly number[], rarity: Float32Array): Map<number, number> {
  const weights = new Map<number, number>();
  for (const token of tokens) {
    if (token < SPECIAL_TOKENS.length) continue;
    weights.set(token, (weights.get(token) ?? 0) + rarity[token]!);
  }
  return weights;
}
