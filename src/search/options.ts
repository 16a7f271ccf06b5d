import { LegendaError } from '../errors.js';
import { PADDING, START, UNKNOWN } from '../text/index.js';

export interface SearchOptions {
  /** The most words a caption may have. @defaultValue 20 */
  readonly maximumLength?: number;
  /**
   * α in score = log-probability / length^α (Wu et al. 2016, eq. 14, without its constant). 0 ranks by probability and
   * favours short captions, 1 ranks by the mean over the words. The end token counts as one.
   * @defaultValue 0.7
   */
  readonly lengthPenalty?: number;
  /** Words never to be written, beside the padding, start and unknown tokens, which never are. */
  readonly banned?: Iterable<number>;
  /** Whether to keep where each token looked. @defaultValue false */
  readonly attention?: boolean;
}

export interface BeamOptions extends SearchOptions {
  /** Captions under way an image: more cost time in proportion and, past three to five, bring little. @defaultValue 3 */
  readonly beamWidth?: number;
  /** Captions to return an image, at most `beamWidth`. @defaultValue 1 */
  readonly nBest?: number;
}

export const SEARCH_DEFAULTS = { beamWidth: 3, maximumLength: 20, lengthPenalty: 0.7 } as const;

/** The options with their defaults. @throws `CONFIGURATION_INVALID` for a value out of its range. */
export function resolveOptions(options: BeamOptions) {
  const maximumLength = options.maximumLength ?? SEARCH_DEFAULTS.maximumLength;
  const lengthPenalty = options.lengthPenalty ?? SEARCH_DEFAULTS.lengthPenalty;
  const beamWidth = options.beamWidth ?? SEARCH_DEFAULTS.beamWidth;
  const nBest = options.nBest ?? 1;
  requireCount('maximumLength', maximumLength);
  requireCount('beamWidth', beamWidth);
  requireCount('nBest', nBest, beamWidth);
  if (!(lengthPenalty >= 0 && Number.isFinite(lengthPenalty))) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a lengthPenalty of 0 or more',
      received: String(lengthPenalty),
    });
  }
  const banned = new Set([PADDING, START, UNKNOWN, ...(options.banned ?? [])]);
  return { maximumLength, lengthPenalty, beamWidth, nBest, banned, attention: options.attention ?? false };
}

function requireCount(name: string, value: number, maximum = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return;
  const range = Number.isFinite(maximum) ? `from 1 to the beam's width, ${maximum}` : 'of 1 or more';
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: `a whole number ${range} for ${name}`,
    received: String(value),
  });
}
