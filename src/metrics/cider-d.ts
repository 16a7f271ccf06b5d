import { countEach, MAXIMUM_ORDER, nGrams, wordsOf } from './n-grams.js';

const SIGMA = 6;

/** A reference caption: the weights of its n-grams of all orders, and the norm of each order. */
interface ReferenceVector {
  readonly nGrams: Int32Array;
  readonly weights: Float64Array;
  /** Where each order's n-grams begin in the two arrays; one entry more, the end. */
  readonly starts: readonly number[];
  readonly norms: readonly number[];
  readonly length: number;
}

/**
 * CIDEr-D against a fixed set of references (Vedantam et al. 2015, section 7), as pycocoevalcap computes it.
 *
 *     g_n(k)    = count_k · (log |images| - log max(1, images whose references hold k))   for each n-gram k
 *     sim_n     = Σ_k min(g_n^c(k), g_n^r(k)) · g_n^r(k) / (‖g_n^c‖ ‖g_n^r‖) · exp(-(l_c - l_r)² / 2σ²)
 *     CIDEr-D   = 10 · mean over references, n = 1…4 of sim_n                             σ = 6
 *
 * Built once, it scores a caption in some microseconds and keeps nothing of it.
 */
export class CiderD {
  private readonly numbers = new Map<string, number>();
  private readonly inverseDocumentFrequencies: Float64Array;
  private readonly images: readonly (readonly ReferenceVector[])[];
  /** The idf of an n-gram that no reference holds. */
  private readonly highestInverseDocumentFrequency: number;
  /** The candidate's weights by n-gram number; all zero between calls. */
  private readonly candidateWeights: Float64Array;

  /** @param references for each image its reference captions, each as tokens: `[images][captions][tokens]`. */
  constructor(references: readonly (readonly (readonly string[])[])[]) {
    const documentFrequencies: number[] = [];
    const lastImage: number[] = [];
    const counted = references.map((captions, image) =>
      captions.map((tokens) => this.count(wordsOf(tokens), image, documentFrequencies, lastImage)),
    );
    const logImages = Math.log(references.length);
    this.highestInverseDocumentFrequency = logImages;
    this.inverseDocumentFrequencies = Float64Array.from(
      documentFrequencies,
      (df) => logImages - Math.log(df),
    );
    this.candidateWeights = new Float64Array(documentFrequencies.length);
    this.images = counted.map((captions) => captions.map((caption) => this.vector(caption)));
  }

  /** The CIDEr-D (0 to 10) of a caption, given as tokens, for the image of that index. */
  score(imageIndex: number, candidateTokens: readonly string[]): number {
    const words = wordsOf(candidateTokens);
    const references = this.images[imageIndex];
    if (references === undefined) throw new RangeError(`image ${imageIndex} of ${this.images.length}`);
    const length = lengthOf(words);
    const known: number[] = [];
    let sum = 0;
    for (let order = 1; order <= MAXIMUM_ORDER; order++) {
      const norm = this.weighCandidate(words, order, known);
      if (norm === 0) continue;
      for (const reference of references) {
        const referenceNorm = reference.norms[order - 1]!;
        if (referenceNorm === 0) continue;
        const penalty = Math.exp(-((length - reference.length) ** 2) / (2 * SIGMA ** 2));
        sum += (this.clippedProduct(reference, order) / (norm * referenceNorm)) * penalty;
      }
    }
    for (const nGram of known) this.candidateWeights[nGram] = 0;
    return (10 * sum) / MAXIMUM_ORDER / references.length;
  }

  /** Writes the weights of the candidate's n-grams of one order where `clippedProduct` reads them; returns their norm. */
  private weighCandidate(words: readonly string[], order: number, known: number[]): number {
    let squares = 0;
    for (const [nGram, count] of countEach(nGrams(words, order))) {
      const number = this.numbers.get(nGram);
      if (number === undefined) {
        squares += (count * this.highestInverseDocumentFrequency) ** 2;
        continue;
      }
      const weight = count * this.inverseDocumentFrequencies[number]!;
      this.candidateWeights[number] = weight;
      known.push(number);
      squares += weight ** 2;
    }
    return Math.sqrt(squares);
  }

  private clippedProduct(reference: ReferenceVector, order: number): number {
    const { nGrams: numbers, weights, starts } = reference;
    const end = starts[order]!;
    let product = 0;
    for (let i = starts[order - 1]!; i < end; i++) {
      const weight = weights[i]!;
      product += Math.min(this.candidateWeights[numbers[i]!]!, weight) * weight;
    }
    return product;
  }

  /** Numbers a reference's n-grams and counts the image once for each. */
  private count(words: readonly string[], image: number, documentFrequencies: number[], lastImage: number[]) {
    const orders: [number, number][][] = [];
    for (let order = 1; order <= MAXIMUM_ORDER; order++) {
      const counts: [number, number][] = [];
      for (const [nGram, count] of countEach(nGrams(words, order))) {
        let number = this.numbers.get(nGram);
        if (number === undefined) {
          number = this.numbers.size;
          this.numbers.set(nGram, number);
          documentFrequencies.push(0);
          lastImage.push(-1);
        }
        if (lastImage[number] !== image) {
          lastImage[number] = image;
          documentFrequencies[number]!++;
        }
        counts.push([number, count]);
      }
      orders.push(counts);
    }
    return { orders, length: lengthOf(words) };
  }

  private vector(caption: { orders: [number, number][][]; length: number }): ReferenceVector {
    const entries = caption.orders.flat();
    const weights = Float64Array.from(
      entries,
      ([number, count]) => count * this.inverseDocumentFrequencies[number]!,
    );
    const starts = [0];
    const norms: number[] = [];
    for (const counts of caption.orders) {
      const start = starts.at(-1)!;
      const end = start + counts.length;
      starts.push(end);
      norms.push(Math.sqrt(weights.subarray(start, end).reduce((sum, weight) => sum + weight ** 2, 0)));
    }
    return {
      nGrams: Int32Array.from(entries, ([number]) => number),
      weights,
      starts,
      norms,
      length: caption.length,
    };
  }
}

/** A caption's length for the penalty: pycocoevalcap counts pairs of words. */
function lengthOf(words: readonly string[]): number {
  return Math.max(0, words.length - 1);
}
