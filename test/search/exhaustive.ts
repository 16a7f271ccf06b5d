import type { Hypothesis } from '../../src/search/index.js';
import { END, PADDING, START, UNKNOWN } from '../../src/text/index.js';
import type { RandomStepper } from './random-stepper.js';

const NEVER = new Set([PADDING, START, UNKNOWN]);

/** Every caption that can be written up to the length limit, best first. */
export function everyCaption(
  stepper: RandomStepper,
  seed: number,
  maximumLength: number,
  lengthPenalty: number,
): Hypothesis[] {
  const captions: Hypothesis[] = [];
  const visit = (tokens: readonly number[], total: number) => {
    if (tokens.length === maximumLength) {
      const score = total / maximumLength ** lengthPenalty;
      captions.push({ tokens, logProbability: total, score, ended: false });
      return;
    }
    const row = stepper.distribution({ seed, tokens: [START, ...tokens] });
    row.forEach((value, token) => {
      if (NEVER.has(token) || !(value > Number.NEGATIVE_INFINITY)) return;
      const logProbability = total + value;
      const score = logProbability / (tokens.length + 1) ** lengthPenalty;
      if (token === END) captions.push({ tokens, logProbability, score, ended: true });
      else visit([...tokens, token], logProbability);
    });
  };
  visit([], 0);
  return captions.sort((a, b) => b.score - a.score);
}

/**
 * Beam search as it is described, slow and plain: one image, every candidate sorted, captions copied, no early stop but
 * that `beamWidth` captions have finished.
 */
export function plainBeam(
  stepper: RandomStepper,
  seed: number,
  options: { beamWidth: number; maximumLength: number; lengthPenalty: number; nBest: number },
): Hypothesis[] {
  const { beamWidth, maximumLength, lengthPenalty, nBest } = options;
  const finished: Hypothesis[] = [];
  let live: { tokens: number[]; total: number }[] = [{ tokens: [], total: 0 }];
  for (let length = 1; length <= maximumLength && live.length > 0 && finished.length < beamWidth; length++) {
    const candidates = live.flatMap(({ tokens, total }) =>
      Array.from(stepper.distribution({ seed, tokens: [START, ...tokens] }), (value, token) => ({
        tokens,
        token,
        total: total + value,
      })).filter((candidate) => !NEVER.has(candidate.token) && candidate.total > Number.NEGATIVE_INFINITY),
    );
    candidates.sort((a, b) => b.total - a.total);
    for (const { tokens, token, total } of candidates.slice(0, beamWidth)) {
      if (token !== END) continue;
      finished.push({ tokens, logProbability: total, score: total / length ** lengthPenalty, ended: true });
    }
    live = candidates
      .filter(({ token }) => token !== END)
      .slice(0, beamWidth)
      .map(({ tokens, token, total }) => ({ tokens: [...tokens, token], total }));
  }
  if (finished.length < beamWidth) {
    for (const { tokens, total } of live) {
      const score = total / maximumLength ** lengthPenalty;
      finished.push({ tokens, logProbability: total, score, ended: false });
    }
  }
  return finished.sort((a, b) => b.score - a.score).slice(0, nBest);
}
