import { calibrationError, type JudgedConfidence, separation } from '../metrics/index.js';
import { Random } from '../random.js';
import {
  type ConfidenceModel,
  type ConfidenceReport,
  confidenceOf,
  type FittedConfidence,
  GOOD_CIDER_D,
} from './confidence.js';
import { type CaptionEvidence, FEATURES, type FeatureName, featuresOf } from './confidence-features.js';
import type { Familiarity } from './familiarity.js';
import { fitLogistic } from './logistic-regression.js';

/** A caption of a picture that the model did not learn from, and how good it is. */
export interface JudgedCaption {
  /** The data set's name. */
  readonly set: string;
  readonly evidence: CaptionEvidence;
  readonly ciderD: number;
}

/** With the confidence that a fit without it gives it. */
type Predicted = JudgedConfidence & Pick<JudgedCaption, 'ciderD'>;

const FOLDS = 10;
/** What a report tells of. */
const MINIMA = [0.2, 0.3, 0.5];

/**
 * Fits the probability of a caption being good, all sets counting the same however many pictures they have. The report's figures
 * are those of captions that the fit judging them did not see: by tenths of the captions, and, where there are several sets, by
 * sets, which tells how well it holds for pictures from elsewhere.
 */
export function fitConfidence(judged: readonly JudgedCaption[], familiarity: Familiarity): ConfidenceModel {
  const folds = foldsOf(judged);
  const crossed = judge(judged, folds, familiarity);
  const names = [...new Set(judged.map(({ set }) => set))];
  const setOf = judged.map(({ set }) => names.indexOf(set));
  const heldOut = names.length > 1 ? judge(judged, setOf, familiarity) : undefined;
  const reportOf = (chosen: (index: number) => boolean) => {
    const its = <T>(all: readonly T[]) => all.filter((_, index) => chosen(index));
    return describe(its(crossed), heldOut && its(heldOut));
  };
  const sets = names.map((name, set) => [name, reportOf((index) => setOf[index] === set)] as const);
  const report: ConfidenceReport = { ...reportOf(() => true), sets: Object.fromEntries(sets) };
  return { ...fitAll(judged, familiarity), report };
}

/** Each caption judged by a fit on the captions of the other groups. @param groups each caption's. */
function judge(
  judged: readonly JudgedCaption[],
  groups: readonly number[],
  familiarity: Familiarity,
): Predicted[] {
  const models = new Map<number, FittedConfidence>();
  for (const group of new Set(groups)) {
    const others = judged.filter((_, index) => groups[index] !== group);
    models.set(group, fitAll(others, familiarity));
  }
  return judged.map(({ evidence, ciderD }, index) => {
    const model = models.get(groups[index] ?? 0) as FittedConfidence;
    return { confidence: confidenceOf(evidence, model), good: isGood(ciderD), ciderD };
  });
}

function fitAll(judged: readonly JudgedCaption[], familiarity: Familiarity): FittedConfidence {
  const found = judged.map(({ evidence }) => featuresOf(evidence, familiarity));
  const names = FEATURES.filter((name) => found.every((features) => features.has(name)));
  const scales = names.map((name) => scaleOf(name, found));
  const sizes = new Map<string, number>();
  for (const { set } of judged) sizes.set(set, (sizes.get(set) ?? 0) + 1);
  const observations = judged.map(({ set, ciderD }, index) => ({
    values: scales.map(
      ({ name, centre, deviation }) => ((found[index]?.get(name) ?? 0) - centre) / deviation,
    ),
    outcome: isGood(ciderD),
    weight: judged.length / sizes.size / (sizes.get(set) ?? 1),
  }));
  const { intercept, weights } = fitLogistic(observations, names.length);
  return {
    good: `CIDEr-D above ${GOOD_CIDER_D}`,
    intercept,
    features: scales.map((scale, index) => ({ ...scale, weight: weights[index] ?? 0 })),
    familiarity,
  };
}

/** Mean and standard deviation of a feature. */
function scaleOf(name: FeatureName, found: readonly ReadonlyMap<FeatureName, number>[]) {
  const values = found.map((features) => features.get(name) ?? 0);
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
  // One that is always the same tells nothing: any deviation will do.
  return { name, centre, deviation: Math.sqrt(variance) || 1 };
}

function foldsOf(judged: readonly JudgedCaption[]): number[] {
  return new Random(1).shuffle(judged.map((_, index) => index % Math.min(FOLDS, judged.length)));
}

function isGood(ciderD: number): boolean {
  return ciderD > GOOD_CIDER_D;
}

function describe(
  crossed: readonly Predicted[],
  heldOut: readonly Predicted[] | undefined,
): Omit<ConfidenceReport, 'sets'> {
  const apart = separation(crossed);
  return {
    images: crossed.length,
    good: round(crossed.filter(({ good }) => good).length / crossed.length),
    calibrationError: round(calibrationError(crossed)),
    ...(heldOut === undefined ? {} : { heldOutCalibrationError: round(calibrationError(heldOut)) }),
    separation: Number.isNaN(apart) ? null : round(apart),
    ciderD: round(meanCiderD(crossed)),
    leavingOut: MINIMA.map((minimum) => {
      const kept = crossed.filter(({ confidence }) => confidence >= minimum);
      const ciderD = kept.length === 0 ? null : round(meanCiderD(kept));
      return { minimum, leftOut: round(1 - kept.length / crossed.length), ciderD };
    }),
  };
}

function meanCiderD(captions: readonly Predicted[]): number {
  return captions.reduce((sum, { ciderD }) => sum + ciderD, 0) / captions.length;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
