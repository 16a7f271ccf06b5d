import { classProbabilities } from './class-probabilities.js';

/** Less likely classes are all alike, and the logarithm stays finite. */
const LEAST_PROBABILITY = 1e-5;

/** Of a classifier of more the evidence leaves out what it says: the equations to solve grow with the square. */
const MOST_CLASSES = 2000;

/** Numbers in the evidence of a picture. @param units D. @param classes of the classifier, 0 without one. */
export function evidenceWidth(units: number, classes: number): number {
  return units + (classes > MOST_CLASSES ? 0 : classes);
}

/**
 * What it is told from which words to expect of a picture, `[D + classes]`: of its mean cell x ≥ 0 the square roots, which do not let a
 * few strong units count for all, and of its classifier's probabilities p the logarithms,
 *
 *     √x,  log(p + 1e-5)
 *
 * @param vector the mean of the picture's cells, `[D]`. @param classLogits `[classes]`; none without a classifier.
 */
export function wordEvidence(
  vector: Float32Array,
  classLogits: Float32Array = new Float32Array(0),
): Float32Array {
  const units = vector.length;
  const evidence = new Float32Array(evidenceWidth(units, classLogits.length));
  for (const [i, value] of vector.entries()) evidence[i] = Math.sqrt(Math.max(0, value));
  if (evidence.length === units) return evidence;
  for (const [i, probability] of classProbabilities(classLogits).entries()) {
    evidence[units + i] = Math.log(probability + LEAST_PROBABILITY);
  }
  return evidence;
}
