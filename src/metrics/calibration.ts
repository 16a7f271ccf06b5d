/** A caption's confidence, and whether the caption was good. */
export interface JudgedConfidence {
  /** 0…1. */
  readonly confidence: number;
  readonly good: boolean;
}

/** The captions whose confidence lies in `from` ≤ confidence < `to` (≤ in the last bin). */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence; 0 in an empty bin. */
  readonly confidence: number;
  /** Share that was good; 0 in an empty bin. */
  readonly good: number;
}

/** How well confidences agree with what happened, in bins of equal width: the numbers behind a reliability diagram. */
export function reliability(judged: readonly JudgedConfidence[], bins = 10): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, good: 0 }));
  for (const { confidence, good } of judged) {
    const bin = sums[Math.min(Math.floor(confidence * bins), bins - 1)]!;
    bin.count++;
    bin.confidence += confidence;
    if (good) bin.good++;
  }
  return sums.map(({ count, confidence, good }, index) => ({
    from: index / bins,
    to: (index + 1) / bins,
    count,
    confidence: count === 0 ? 0 : confidence / count,
    good: count === 0 ? 0 : good / count,
  }));
}

/**
 * The expected calibration error (Guo et al. 2017, eq. 3): Σ_b n_b/n · |good_b − confidence_b|, 0…1, best 0. Of n confidences
 * that are right it is about 1/√n by chance alone: 0.03 for 1,000, 0.1 for 100.
 */
export function calibrationError(judged: readonly JudgedConfidence[], bins = 10): number {
  const errors = reliability(judged, bins).map(
    ({ count, confidence, good }) => count * Math.abs(good - confidence),
  );
  return errors.reduce((sum, error) => sum + error, 0) / judged.length;
}

/**
 * How often, of a good caption and another, the good one has the higher confidence (the area under the ROC curve): 0.5 says
 * that confidences tell nothing, 1 that they tell all. Equal ones count half. NaN where all are good or none.
 */
export function separation(judged: readonly JudgedConfidence[]): number {
  const sorted = [...judged].sort((a, b) => a.confidence - b.confidence);
  let goodRanks = 0;
  let goods = 0;
  for (let first = 0, last = 0; first < sorted.length; first = last) {
    let goodHere = 0;
    for (; last < sorted.length && sorted[last]!.confidence === sorted[first]!.confidence; last++) {
      if (sorted[last]!.good) goodHere++;
    }
    goodRanks += goodHere * ((first + last + 1) / 2);
    goods += goodHere;
  }
  return (goodRanks - (goods * (goods + 1)) / 2) / (goods * (sorted.length - goods));
}
