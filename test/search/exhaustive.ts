import type { Hypothesis, RequiredWord } from '../../src/search/index.js';
import { END, PADDING, START, UNKNOWN } from '../../src/text/index.js';
import type { RandomStepper } from './random-stepper.js';

/** What captions must be like, as the searches' options say it. */
export interface PlainRules {
  readonly minimumLength: number;
  readonly maximumLength: number;
  readonly lengthPenalty: number;
  readonly banned: readonly number[];
  readonly noEndAfter: readonly number[];
  readonly noRepeatNgram: number;
}

/** Whether a caption's words may be followed by the token. */
export function mayFollow(words: readonly number[], token: number, rules: PlainRules): boolean {
  const { minimumLength, maximumLength, banned, noEndAfter, noRepeatNgram: n } = rules;
  if ([PADDING, START, UNKNOWN, ...banned].includes(token)) return false;
  const last = words.at(-1);
  if (token === END)
    return words.length >= minimumLength && (last === undefined || !noEndAfter.includes(last));
  if (words.length + 1 === maximumLength && noEndAfter.includes(token)) return false;
  return n === 0 || !repeats([...words, token], n);
}

/** Whether the last n words stand before already. */
function repeats(words: readonly number[], n: number): boolean {
  const text = (start: number) => words.slice(start, start + n).join(' ');
  const last = words.length - n;
  return last > 0 && Array.from({ length: last }, (_, start) => text(start)).includes(text(last));
}

/** How many of the required words a caption has. */
export function countMet(words: readonly number[], required: readonly RequiredWord[]): number {
  return required.filter(({ anyOf }) => anyOf.some((token) => words.includes(token))).length;
}

/** Every caption that can be written up to the length limit, best first. */
export function everyCaption(stepper: RandomStepper, seed: number, rules: PlainRules): Hypothesis[] {
  const { maximumLength, lengthPenalty } = rules;
  const captions: Hypothesis[] = [];
  const visit = (tokens: readonly number[], total: number) => {
    if (tokens.length === maximumLength) {
      const score = total / maximumLength ** lengthPenalty;
      captions.push({ tokens, logProbability: total, score, ended: false });
      return;
    }
    const row = stepper.distribution({ seed, tokens: [START, ...tokens] });
    row.forEach((value, token) => {
      if (!mayFollow(tokens, token, rules) || !(value > Number.NEGATIVE_INFINITY)) return;
      const logProbability = total + value;
      const score = logProbability / (tokens.length + 1) ** lengthPenalty;
      if (token === END) captions.push({ tokens, logProbability, score, ended: true });
      else visit([...tokens, token], logProbability);
    });
  };
  visit([], 0);
  return captions.sort((a, b) => b.score - a.score);
}

/** A caption under way, and which of the required words it has. */
interface Live {
  readonly tokens: readonly number[];
  readonly total: number;
  readonly met: string;
}

/**
 * Beam search as it is described, slow and plain: one image, every candidate sorted, captions copied, no early stop but
 * that `beamWidth` captions have finished and, where words are required, none under way would be kept if it ended now.
 */
export function plainBeam(
  stepper: RandomStepper,
  seed: number,
  options: PlainRules & { beamWidth: number; nBest: number },
  required: readonly RequiredWord[] = [],
): Hypothesis[] {
  const { beamWidth, maximumLength, lengthPenalty, nBest } = options;
  const metBy = (tokens: readonly number[]) =>
    required
      .map((word) => countMet(tokens, [word]))
      .reverse()
      .join('');
  const all = '1'.repeat(required.length);
  const beams = Array.from({ length: 2 ** required.length }, (_, bits) =>
    required.length === 0 ? '' : bits.toString(2).padStart(required.length, '0'),
  );
  const finished: Hypothesis[] = [];
  const best = () => finished.toSorted((a, b) => b.score - a.score).slice(0, nBest);
  let live: Live[] = [{ tokens: [], total: 0, met: metBy([]) }];
  let done = false;
  for (let length = 1; length <= maximumLength && live.length > 0 && !done; length++) {
    const candidates = live.flatMap(({ tokens, total, met }) =>
      Array.from(stepper.distribution({ seed, tokens: [START, ...tokens] }), (value, token) => ({
        tokens,
        token,
        total: total + value,
        met: token === END ? met : metBy([...tokens, token]),
      })).filter(
        (candidate) =>
          mayFollow(tokens, candidate.token, options) &&
          candidate.total > Number.NEGATIVE_INFINITY &&
          (candidate.token !== END || met === all),
      ),
    );
    candidates.sort((a, b) => b.total - a.total);
    for (const { tokens, token, total } of candidates.filter(({ met }) => met === all).slice(0, beamWidth)) {
      if (token !== END) continue;
      finished.push({ tokens, logProbability: total, score: total / length ** lengthPenalty, ended: true });
    }
    live = beams.flatMap((beam) =>
      candidates
        .filter(({ token, met }) => token !== END && met === beam)
        .slice(0, beamWidth)
        .map(({ tokens, token, total, met }) => ({ tokens: [...tokens, token], total, met })),
    );
    const least = best().at(-1)?.score ?? Number.NEGATIVE_INFINITY;
    const hopeless = live.every(({ total }) => total / length ** lengthPenalty <= least);
    done = finished.length >= beamWidth && (required.length === 0 || hopeless);
  }
  if (done) return best();
  const cut = live.map(({ tokens, total }) => {
    return { tokens, logProbability: total, score: total / maximumLength ** lengthPenalty, ended: false };
  });
  finished.push(...cut.filter(({ tokens }) => metBy(tokens) === all));
  if (finished.length > 0) return best();
  const most = Math.max(...cut.map(({ tokens }) => countMet(tokens, required)));
  finished.push(...cut.filter(({ tokens }) => countMet(tokens, required) === most));
  return best();
}
