import type { Hypothesis } from './stepper.js';

/** Words in a row that are compared: single ones and pairs. More change little among an image's own captions. */
const ORDERS = [1, 2];
/** σ of the penalty for captions of unlike length, as in CIDEr-D. */
const SIGMA = 6;

/** How good a caption is by what else is known of it and its image, on the scale of agreement. */
type Merit<Caption> = (caption: Caption) => number;

/**
 * An image's captions with the one first that agrees most with the others, of the first `among` (minimum Bayes risk:
 * Kumar and Byrne 2004; for captions, the consensus of Devlin et al. 2015). What several captions say is more often so
 * than what the likeliest one adds. The merit of each is added to its agreement.
 *
 *     agreement_k = mean_{j ≠ k} sim(k, j)
 *     sim(k, j)   = mean_n Σ_g min(w_g^k, w_g^j) w_g^j / (‖w_n^k‖ ‖w_n^j‖) · exp(−(l_k − l_j)² / 2σ²)      n = 1, 2
 *     w_g         = times that g is there · mean over its words of log(1 + number of the word)
 *
 * CIDEr-D without a corpus: words are numbered by falling frequency, and by Zipf's law the logarithm of the rank rises with
 * that of the rarity.
 */
export function byConsensus<Caption extends Pick<Hypothesis, 'tokens'>>(
  captions: readonly Caption[],
  among: number,
  merit: Merit<Caption> = () => 0,
): Caption[] {
  const compared = captions.slice(0, among);
  const vectors = compared.map(({ tokens }) => new CaptionVector(tokens));
  const values = vectors.map((one, index) => {
    const sum = vectors.reduce((sum, other) => (other === one ? sum : sum + one.similarity(other)), 0);
    // One alone has nothing to agree with; two always agree equally.
    return sum / Math.max(1, vectors.length - 1) + merit(compared[index]!);
  });
  const order = compared.map((_, index) => index);
  // Of equals the one that the search ranked higher leads: sorting is stable.
  order.sort((a, b) => values[b]! - values[a]!);
  return [...order.map((index) => compared[index]!), ...captions.slice(among)];
}

/** A caption's weighted n-grams. */
class CaptionVector {
  private readonly orders: readonly {
    readonly weights: ReadonlyMap<string, number>;
    readonly norm: number;
  }[];

  constructor(private readonly tokens: readonly number[]) {
    this.orders = ORDERS.map((length) => {
      const weights = new Map<string, number>();
      for (let first = 0; first + length <= tokens.length; first++) {
        const words = tokens.slice(first, first + length);
        const rarity = words.reduce((sum, token) => sum + Math.log(1 + token), 0) / length;
        const nGram = words.join(' ');
        weights.set(nGram, (weights.get(nGram) ?? 0) + rarity);
      }
      return { weights, norm: Math.hypot(...weights.values()) };
    });
  }

  similarity(other: CaptionVector): number {
    const sum = this.orders.reduce((total, { weights, norm }, order) => {
      const { weights: others, norm: otherNorm } = other.orders[order]!;
      if (norm === 0 || otherNorm === 0) return total;
      let product = 0;
      for (const [nGram, weight] of weights) {
        const theirs = others.get(nGram);
        if (theirs !== undefined) product += Math.min(weight, theirs) * theirs;
      }
      return total + product / (norm * otherNorm);
    }, 0);
    const penalty = Math.exp(-((this.tokens.length - other.tokens.length) ** 2) / (2 * SIGMA ** 2));
    return (sum / this.orders.length) * penalty;
  }
}
