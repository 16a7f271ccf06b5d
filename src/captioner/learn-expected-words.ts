import { Cholesky } from './cholesky.js';
import { type ExpectedWordsModel, weightsOf } from './expected-words.js';
import { dot, type PrincipalDirection, principalDirections } from './principal-directions.js';

/** Captions of each picture, as tokens. */
type Captions = readonly (readonly number[])[];

/** A word must be said of so many pictures, and of this share of them: of one said of fewer next to nothing is learnt. */
const LEAST_PICTURES = 5;
const LEAST_SHARE = 1 / 1000;
/** Keeps what hardly ever varies from counting as much as all else; in the units of the evidence, whose deviations are 0.1 and more. */
const LEAST_DEVIATION = 1e-3;
/** The penalty for each of the E numbers of the evidence. From half to twice as much changes little. */
const PENALTY = 0.5;
/** Directions in which the words of all pictures differ most. All of them are no better, and six times as large. */
const MOST_DIRECTIONS = 256;
/** After so few the directions span what counts, if each by itself is not yet exact. */
const ITERATIONS = 6;
/** Of what is told of all words, less than this share is rounding. */
const NOTHING = 1e-9;
const STEPS = 127;

/**
 * Learns which words to expect of a picture, by ridge regression: for each word w, the mean over a picture's captions of t_w
 * (see `ExpectedWords.of`) from the picture's evidence x, standardised. The penalty is E / 2 times the squared weights: as if x / √E had
 * weights drawn from a normal distribution of twice the variance that is left unexplained, so that few pictures teach little.
 *
 * Of what is learnt the part is kept that tells most of all words together (reduced-rank regression, Izenman 1975): with B the
 * weights `[W, E]` and G the penalised products of the evidence, the first eigenvectors U of B G Bᵀ, so that e = b + Uᵀ U B x.
 *
 * Pictures come one by one and are not kept: what is needed of them are the sums of x, x xᵀ, t and x tᵀ.
 */
export class ExpectedWordsLearner {
  private readonly rarity: Float32Array;
  private readonly words: Int32Array;
  private readonly rows: ReadonlyMap<number, number>;
  private count = 0;
  private readonly sum: Float64Array;
  /** Σ x xᵀ, of which the lower triangle is filled, `[E, E]`. */
  private readonly products: Float64Array;
  /** Σ t, `[W]`. */
  private readonly used: Float64Array;
  /** Σ x tᵀ by words, `[W, E]`. */
  private readonly together: Float64Array;

  /**
   * @param captions of all pictures to come. @param vocabularySize V, special tokens included.
   * @param width E, the length of the pictures' evidence.
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

  /** @param evidence of a picture, `[E]`. */
  add(evidence: Float32Array, captions: Captions): void {
    const { width, sum, products, together } = this;
    this.count++;
    for (let i = 0; i < width; i++) {
      const value = evidence[i]!;
      sum[i]! += value;
      const row = i * width;
      for (let j = 0; j <= i; j++) products[row + j]! += value * evidence[j]!;
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
        for (let i = 0; i < width; i++) together[row * width + i]! += share * evidence[i]!;
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
      covariance[i * width + i]! += PENALTY * width;
    }
    const equations = new Cholesky(covariance, width);
    // M = L⁻¹ (B G)ᵀ, a column a word, so that B G Bᵀ = Mᵀ M.
    const columns = Array.from(words, (_, row) => {
      const right = mean.map((value, i) => {
        return (this.together[row * width + i]! - this.used[row]! * value) / deviation[i]!;
      });
      return equations.forward(right);
    });
    const found = mostTelling(columns, width);
    const sizes = found.map(({ eigenvalue }) => Math.sqrt(eigenvalue));
    // U = Mᵀ v / √λ and U B = √λ L⁻ᵀ v, for each eigenvector v of M Mᵀ.
    const directions = inSteps(
      found.map(({ direction }, r) => equations.backward(direction).map((value) => value * sizes[r]!)),
    );
    const weights = inSteps(
      columns.map((column) =>
        Float64Array.from(found, ({ direction }, r) => dot(column, direction) / sizes[r]!),
      ),
    );
    return {
      mean: Float32Array.from(mean),
      deviation: Float32Array.from(deviation),
      rarity,
      words,
      base: Float32Array.from(this.used, (value) => value / count),
      directions: directions.steps,
      directionScale: directions.scale,
      weights: weights.steps,
      scale: weights.scale,
    };
  }
}

/** The eigenvectors of M Mᵀ that tell most of all words. @param columns of M, `[width]` each. */
function mostTelling(columns: readonly Float64Array[], width: number): PrincipalDirection[] {
  const products = new Float64Array(width * width);
  for (const column of columns) {
    for (let i = 0; i < width; i++) {
      const value = column[i]!;
      for (let j = 0; j < width; j++) products[i * width + j]! += value * column[j]!;
    }
  }
  const rows = Array.from({ length: width }, (_, i) => products.subarray(i * width, (i + 1) * width));
  const multiply = (vector: Float64Array) => Float64Array.from(rows, (row) => dot(row, vector));
  const most = Math.min(MOST_DIRECTIONS, columns.length, width);
  const found = principalDirections(multiply, width, most, ITERATIONS);
  // Words that nothing tells of have no direction.
  return found.filter(({ eigenvalue }) => eigenvalue > NOTHING * (found[0]?.eigenvalue ?? 0));
}

/** Rows in a byte a number: in steps of the largest number of each row over 127. */
function inSteps(rows: readonly Float64Array[]): { steps: Int8Array; scale: Float32Array } {
  const width = rows[0]?.length ?? 0;
  const scale = Float32Array.from(rows, (row) => Math.max(...row.map(Math.abs)) / STEPS);
  const steps = new Int8Array(rows.length * width);
  for (const [index, row] of rows.entries()) {
    // Rows of all 0 have the scale 0.
    for (const [i, value] of row.entries())
      steps[index * width + i] = Math.round(value / (scale[index]! || 1));
  }
  return { steps, scale };
}
