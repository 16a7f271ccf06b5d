import type { Preference } from '../search/index.js';
import { SPECIAL_TOKENS } from '../text/index.js';

/** Which words people are expected to use of a picture, by its vector; see `learn-expected-words.ts`. */
export interface ExpectedWordsModel {
  /** Of the image vectors of training pictures, `[D]`. */
  readonly mean: Float32Array;
  /** Their standard deviation, `[D]`, all above 0. */
  readonly deviation: Float32Array;
  /** How rare each word of the vocabulary is: log(pictures / pictures of which it is said), `[V]`. */
  readonly rarity: Float32Array;
  /** The words that are often enough to know when to expect them, as tokens, `[W]`. */
  readonly words: Int32Array;
  /** How much of each is expected of an average picture, `[W]`. */
  readonly base: Float32Array;
  /** What one step of `weights` is worth, `[W]`. */
  readonly scale: Float32Array;
  /** How that changes with the picture's vector, `[W, D]`. */
  readonly weights: Int8Array;
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

  constructor(private readonly model: ExpectedWordsModel) {
    this.rows = new Int32Array(model.rarity.length).fill(-1);
    for (const [row, token] of model.words.entries()) this.rows[token] = row;
  }

  /**
   * What captions of a picture are measured by: the similarity to expect with what a person writes of it,
   *
   *     fit(c) = Σ_w t_w(c) · e_w,      e_w = b_w + s_w Σ_i W_wi (x_i − m_i) / d_i
   *     t_w(c) = n_w(c) log(N / n_w) / ‖n(c) log(N / n)‖
   *
   * with n_w(c) how often c has the word w, and n_w of how many of N pictures it is said: the first of CIDEr's four terms (Vedantam
   * et al. 2015), with the mean of t over a picture's captions predicted from its vector x in place of the captions.
   * @param image the picture's vector, `[D]`.
   */
  of(image: Float32Array): WordExpectation {
    const { mean, deviation, rarity } = this.model;
    const standardised = new Float64Array(image.length);
    for (let i = 0; i < image.length; i++) standardised[i] = (image[i]! - mean[i]!) / deviation[i]!;
    const known = new Float64Array(rarity.length).fill(Number.NaN);
    const expected = (token: number): number => {
      if (Number.isNaN(known[token]!)) known[token] = this.expectation(token, standardised);
      return known[token]!;
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

  private expectation(token: number, standardised: Float64Array): number {
    const { base, scale, weights } = this.model;
    const row = this.rows[token] ?? -1;
    if (row === -1) return 0;
    const width = standardised.length;
    const first = row * width;
    let sum = 0;
    let other = 0;
    // Two sums at once take half the time: an addition waits for the one before it.
    for (let i = 1; i < width; i += 2) {
      sum += weights[first + i - 1]! * standardised[i - 1]!;
      other += weights[first + i]! * standardised[i]!;
    }
    if (width % 2 === 1) sum += weights[first + width - 1]! * standardised[width - 1]!;
    return base[row]! + scale[row]! * (sum + other);
  }
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
