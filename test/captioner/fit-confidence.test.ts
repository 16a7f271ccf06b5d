import { describe, expect, it } from 'vitest';
import { confidenceOf } from '../../src/captioner/confidence.js';
import { learnFamiliarity } from '../../src/captioner/familiarity.js';
import { fitConfidence, type JudgedCaption } from '../../src/captioner/fit-confidence.js';
import { Random } from '../../src/random.js';

const random = new Random(5);
const picture = () => Float32Array.from({ length: 6 }, () => random.normal());
const familiarity = learnFamiliarity(Array.from({ length: 100 }, picture));

/** A caption, good as often as `probability` says of its words' mean log-probability and of its tags. */
function judge(
  set: string,
  probability: (logProbability: number, tagsNamed: number) => number,
): JudgedCaption {
  const logProbability = -3 * random.uniform();
  const tagsNamed = random.uniform();
  const good = random.uniform() < probability(logProbability, tagsNamed);
  const tokens = Array.from({ length: 8 }, () => 4 + random.integer(200));
  const wordLogProbabilities = Array.from({ length: 9 }, () => logProbability);
  return {
    set,
    ciderD: good ? 0.9 : 0.1,
    evidence: {
      tokens,
      wordLogProbabilities,
      image: picture(),
      classLogits: undefined,
      tagsNamed,
      wordFit: undefined,
    },
  };
}

function judgeMany(set: string, count: number, probability: Parameters<typeof judge>[1]): JudgedCaption[] {
  return Array.from({ length: count }, () => judge(set, probability));
}

const byWords = (logProbability: number) => 1 / (1 + Math.exp(-2 * (logProbability + 1.5)));

describe('fitConfidence', () => {
  it('gives captions the probability that they are good, and says how nearly', () => {
    const model = fitConfidence(judgeMany('a', 2000, byWords), familiarity);
    expect(model.report.calibrationError).toBeLessThan(0.06);
    expect(model.report.separation).toBeGreaterThan(0.75);
    for (const at of [-2.5, -1.5, -0.5]) {
      const { evidence } = judge('a', byWords);
      const wordLogProbabilities = evidence.wordLogProbabilities.map(() => at);
      expect(Math.abs(confidenceOf({ ...evidence, wordLogProbabilities }, model) - byWords(at))).toBeLessThan(
        0.12,
      );
    }
  });

  it('boasts of nothing that it only finds in the captions it was fitted on', () => {
    const separations = Array.from({ length: 8 }, () => {
      const judged = judgeMany('a', 40, () => 0.5);
      return fitConfidence(judged, familiarity).report.separation ?? 0;
    });
    // What fits say of captions that they saw lies above.
    expect(separations.reduce((sum, one) => sum + one, 0) / 8).toBeLessThan(0.55);
  });

  it('tells how well it holds for a set that it has not seen', () => {
    const home = judgeMany('home', 600, byWords);
    const alike = fitConfidence([...home, ...judgeMany('like home', 600, byWords)], familiarity).report;
    const worse = (logProbability: number) => 0.3 * byWords(logProbability);
    const strange = fitConfidence([...home, ...judgeMany('strange', 600, worse)], familiarity).report;
    expect(alike.sets['like home']?.heldOutCalibrationError).toBeLessThan(0.1);
    expect(strange.sets.strange?.heldOutCalibrationError).toBeGreaterThan(0.2);
    expect(fitConfidence(home, familiarity).report).not.toHaveProperty('heldOutCalibrationError');
  });

  it('lets each set count the same, however many pictures it has', () => {
    const judged = [...judgeMany('large', 2000, () => 0.8), ...judgeMany('small', 100, () => 0.2)];
    const model = fitConfidence(judged, familiarity);
    const mean = judged.reduce((sum, { evidence }) => sum + confidenceOf(evidence, model), 0) / judged.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.06);
  });

  it('tells what a minimum leaves out, and that the rest is better', () => {
    const { report } = fitConfidence(judgeMany('a', 1000, byWords), familiarity);
    const shares = report.leavingOut.map(({ leftOut }) => leftOut);
    const scores = [report.ciderD, ...report.leavingOut.map(({ ciderD }) => ciderD ?? Number.NaN)];
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.3);
  });

  it('uses tags where there are some, and does without where there are none', () => {
    const byTags = (_: number, tagsNamed: number) => (tagsNamed > 0.3 ? 0.8 : 0.2);
    const judged = judgeMany('a', 800, byTags);
    const without = judged.map((one) => ({ ...one, evidence: { ...one.evidence, tagsNamed: undefined } }));
    const using = fitConfidence(judged, familiarity);
    const blind = fitConfidence(without, familiarity);
    expect(using.report.separation).toBeGreaterThan(0.65);
    expect(blind.report.separation).toBeLessThan(0.58);
    expect(blind.features.map(({ name }) => name)).not.toContain('tagsNamed');
    expect(confidenceOf(without[0]?.evidence ?? judged[0]!.evidence, using)).toBeGreaterThan(0);
  });
});
