import { Cholesky } from './cholesky.js';
import { type ExpectedWordsModel, weightsOf } from './expected-words.js';

/** Captions of each picture, as tokens. */
type Captions = readonly (readonly number[])[];

/** A word must be said of so many pictures, and of this share of them: of one said of fewer next to nothing is learnt. */
const LEAST_PICTURES = 5;
const LEAST_SHARE = 1 / 1000;
/** Keeps what hardly ever varies from counting as much as all else; in the units of the vectors, whose deviations are about 0.1. */
const LEAST_DEVIATION = 1e-3;
const STEPS = 127;

/**
 * Learns which words to expect of a picture, by ridge regression: for each word w, the mean over a picture's captions of t_w
 * (see `ExpectedWords.of`) from the picture's vector, standardised. The penalty is D times the squared weights: as if x / √D had
 * weights drawn from a normal distribution of the variance that is left unexplained, so that few pictures teach little.
 *
 * Pictures come one by one and are not kept: what is needed of them are the sums of x, x xᵀ, t and x tᵀ.
 */
export class ExpectedWordsLearner {
  private readonly rarity: Float32Array;
  private readonly words: Int32Array;
  private readonly rows: ReadonlyMap<number, number>;
  private count = 0;
  private readonly sum: Float64Array;
  /** Σ x xᵀ, of which the lower triangle is filled, `[D, D]`. */
  private readonly products: Float64Array;
  /** Σ t, `[W]`. */
  private readonly used: Float64Array;
  /** Σ x tᵀ by words, `[W, D]`. */
  private readonly together: Float64Array;

  /**
   * @param captions of all pictures to come. @param vocabularySize V, special tokens included.
   * @param width D, the length of the pictures' vectors.
   */
  constructor(
    captions: readonly Captions[],
    vocabularySize: number,
    private readonly width: number,
  ) {
    const pictures = new Int32Array(vocabularySize);
    for (const one of captions) for (const token of new Set(one.flat())) pictures[token]!++;
    this.rarity = Float32Array.from(pictures, (n) => Math.log(Math.max(1, captions.length) / Math.max(1, n)));
    const least = Math.max(LEAST_PICTURES, LEAST_SHARE * captions.length);
    const often = [...pictures.keys()].filter((token) => pictures[token]! >= least);
    // A word that is said of all pictures weighs nothing.
    this.words = Int32Array.from(often.filter((token) => weightsOf([token], this.rarity).get(token)! > 0));
    this.rows = new Map([...this.words].map((token, row) => [token, row]));
    this.sum = new Float64Array(width);
    this.products = new Float64Array(width * width);
    this.used = new Float64Array(this.words.length);
    this.together = new Float64Array(this.words.length * width);
  }

  /** @param image `[D]`. */
  add(image: Float32Array, captions: Captions): void {
    const { width } = this;
    this.count++;
    for (let i = 0; i < width; i++) {
      const value = image[i]!;
      this.sum[i]! += value;
      for (let j = 0; j <= i; j++) this.products[i * width + j]! += value * image[j]!;
    }
    for (const caption of captions) {
      const weights = weightsOf(caption, this.rarity);
      const norm = Math.hypot(...weights.values());
      if (norm === 0) continue;
      for (const [token, weight] of weights) {
        const row = this.rows.get(token);
        if (row === undefined) continue;
        const share = weight / norm / captions.length;
        this.used[row]! += share;
        for (let i = 0; i < width; i++) this.together[row * width + i]! += share * image[i]!;
      }
    }
  }

  /** @returns undefined if no picture came, or no word is said often enough. */
  learn(): ExpectedWordsModel | undefined {
    const { width, count, words, rarity } = this;
    if (count === 0 || words.length === 0) return undefined;
    const mean = this.sum.map((value) => value / count);
    const deviation = mean.map((value, i) => {
      const variance = this.products[i * width + i]! / count - value ** 2;
      return Math.sqrt(Math.max(0, variance)) + LEAST_DEVIATION;
    });
    const covariance = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        const centred = this.products[i * width + j]! - count * mean[i]! * mean[j]!;
        covariance[i * width + j] = centred / (deviation[i]! * deviation[j]!);
      }
      covariance[i * width + i]! += width;
    }
    const equations = new Cholesky(covariance, width);
    const scale = new Float32Array(words.length);
    const weights = new Int8Array(words.length * width);
    for (let row = 0; row < words.length; row++) {
      const right = mean.map((value, i) => {
        return (this.together[row * width + i]! - this.used[row]! * value) / deviation[i]!;
      });
      const solved = equations.solve(right);
      scale[row] = Math.max(...solved.map(Math.abs)) / STEPS;
      // Weights of all 0 have the scale 0.
      for (let i = 0; i < width; i++) weights[row * width + i] = Math.round(solved[i]! / (scale[row]! || 1));
    }
    return {
      mean: Float32Array.from(mean),
      deviation: Float32Array.from(deviation),
      rarity,
      words,
      base: Float32Array.from(this.used, (value) => value / count),
      scale,
      weights,
    };
  }
}
