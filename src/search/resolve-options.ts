import { LegendaError } from '../errors.js';
import { END, PADDING, START, UNKNOWN } from '../text/index.js';
import {
  type BeamOptions,
  type DiverseOptions,
  type SampleOptions,
  SEARCH_DEFAULTS,
  type SearchOptions,
} from './options.js';

/** The most words that may be required of one caption: each doubles the captions under way. */
const MOST_REQUIRED = 4;

/** The options that every search understands, with their defaults. */
export interface Rules {
  readonly nBest: number;
  readonly minimumLength: number;
  readonly maximumLength: number;
  readonly lengthPenalty: number;
  /** With the special tokens that are never written. */
  readonly banned: ReadonlySet<number>;
  readonly noEndAfter: ReadonlySet<number>;
  readonly noRepeatNgram: number;
  readonly attention: boolean;
  readonly wordLogProbabilities: boolean;
}

/** The options with their defaults. @throws `CONFIGURATION_INVALID` for a value out of its range. */
export function resolveRules(options: SearchOptions): Rules {
  const {
    nBest = 1,
    minimumLength = 1,
    maximumLength = SEARCH_DEFAULTS.maximumLength,
    lengthPenalty = SEARCH_DEFAULTS.lengthPenalty,
    banned = [],
    noEndAfter = [],
    noRepeatNgram = 0,
    consensus = SEARCH_DEFAULTS.consensus,
    attention = false,
    wordLogProbabilities = false,
  } = options;
  requireCount('nBest', nBest, 1);
  requireCount('maximumLength', maximumLength, 1);
  requireCount('minimumLength', minimumLength, 0, maximumLength);
  requireCount('noRepeatNgram', noRepeatNgram, 0);
  requireCount('consensus', consensus, 0);
  requireThat(
    lengthPenalty >= 0 && Number.isFinite(lengthPenalty),
    'a lengthPenalty of 0 or more',
    lengthPenalty,
  );
  return {
    nBest,
    minimumLength,
    maximumLength,
    lengthPenalty,
    banned: new Set([PADDING, START, UNKNOWN, ...banned]),
    noEndAfter: new Set(noEndAfter),
    noRepeatNgram,
    attention,
    wordLogProbabilities,
  };
}

/** @throws `CONFIGURATION_INVALID` for a value out of its range. */
export function resolveBeam(options: BeamOptions) {
  const rules = resolveRules(options);
  const { beamWidth = SEARCH_DEFAULTS.beamWidth, required = [] } = options;
  requireWidth(beamWidth, rules.nBest);
  const most = Math.min(MOST_REQUIRED, rules.maximumLength);
  for (const words of required) {
    if (words === undefined) continue;
    requireThat(words.length <= most, `at most ${most} required words`, words.length);
    for (const { anyOf } of words) {
      const possible = anyOf.some((token) => token !== END && !rules.banned.has(token));
      requireThat(possible, 'required words that may be written', `tokens ${anyOf.join(', ')}`);
    }
  }
  return { rules, beamWidth, required };
}

/** @throws `CONFIGURATION_INVALID` for a value out of its range. */
export function resolveDiverse(options: DiverseOptions) {
  const rules = resolveRules(options);
  const { beamWidth = SEARCH_DEFAULTS.beamWidth, groups = beamWidth, diversity = 0.5 } = options;
  requireWidth(beamWidth, rules.nBest);
  const whole = Number.isInteger(groups) && groups >= 1 && beamWidth % groups === 0;
  requireThat(whole, `a number of groups that divides the beam's width, ${beamWidth}`, groups);
  requireThat(diversity >= 0 && Number.isFinite(diversity), 'a diversity of 0 or more', diversity);
  return { rules, groups, groupWidth: beamWidth / groups, diversity };
}

/** @throws `CONFIGURATION_INVALID` for a value out of its range. */
export function resolveSample(options: SampleOptions) {
  const rules = resolveRules(options);
  const { temperature = 1, topK, topP = 1, seed = 1, imageSeeds = [] } = options;
  requireThat(temperature > 0 && Number.isFinite(temperature), 'a temperature above 0', temperature);
  if (topK !== undefined) requireCount('topK', topK, 1);
  requireThat(topP > 0 && topP <= 1, 'a topP above 0 and up to 1', topP);
  requireThat(Number.isSafeInteger(seed) && seed >= 0, 'a seed that is a whole number of 0 or more', seed);
  return { rules, draw: { temperature, topK, topP }, seed, imageSeeds };
}

function requireWidth(width: number, nBest: number): void {
  requireCount('beamWidth', width, 1);
  requireThat(nBest <= width, `at most as many captions an image as the beam is wide, ${width}`, nBest);
}

function requireCount(name: string, value: number, from: number, to = Number.POSITIVE_INFINITY): void {
  const range = Number.isFinite(to) ? `from ${from} to ${to}` : `of ${from} or more`;
  requireThat(
    Number.isInteger(value) && value >= from && value <= to,
    `a whole number ${range} for ${name}`,
    value,
  );
}

function requireThat(so: boolean, expected: string, received: number | string): void {
  if (!so) throw new LegendaError('CONFIGURATION_INVALID', { expected, received: String(received) });
}
