import type { RequiredWord } from './required.js';

/** What every search understands. */
export interface SearchOptions {
  /** Captions to return an image, best first. @defaultValue 1 */
  readonly nBest?: number | undefined;
  /**
   * Puts first, of an image's best so many captions, the one that agrees most with the others; 0 leaves them as they score.
   * @defaultValue 0
   */
  readonly consensus?: number | undefined;
  /** The fewest words a caption may end with. @defaultValue 1 */
  readonly minimumLength?: number | undefined;
  /** The most words a caption may have. @defaultValue 20 */
  readonly maximumLength?: number | undefined;
  /**
   * α in score = log-probability / length^α (Wu et al. 2016, eq. 14, without its constant). 0 ranks by probability and
   * favours short captions, 1 ranks by the mean over the words. The end token counts as one.
   * @defaultValue 0.7
   */
  readonly lengthPenalty?: number | undefined;
  /** Words never to be written, beside the padding, start and unknown tokens, which never are. */
  readonly banned?: Iterable<number> | undefined;
  /** Words that cannot be a caption's last, whether it ends or is cut off at its greatest length. */
  readonly noEndAfter?: Iterable<number> | undefined;
  /** How many words in a row may not stand in a caption twice; 0 lets everything repeat. @defaultValue 0 */
  readonly noRepeatNgram?: number | undefined;
  /** Whether to keep where each token looked. @defaultValue false */
  readonly attention?: boolean | undefined;
  /** Whether to keep the log-probability of each word. @defaultValue false */
  readonly wordLogProbabilities?: boolean | undefined;
}

export interface BeamOptions extends SearchOptions {
  /**
   * Captions under way an image, at least `nBest`: more cost time in proportion and, past three to five, bring little.
   * @defaultValue 3
   */
  readonly beamWidth?: number | undefined;
  /** The words that each image's captions must have; an image without any may be left out. */
  readonly required?: readonly (readonly RequiredWord[] | undefined)[] | undefined;
}

export interface DiverseOptions extends SearchOptions {
  /** Captions under way an image, in all groups together. @defaultValue 3 */
  readonly beamWidth?: number | undefined;
  /** Beams that an image's captions are divided into; divides `beamWidth`. @defaultValue `beamWidth` */
  readonly groups?: number | undefined;
  /** How much of its log-probability a word loses for each time that an earlier group writes it there. @defaultValue 0.5 */
  readonly diversity?: number | undefined;
}

export interface SampleOptions extends SearchOptions {
  /** Divides the logarithms: below 1 the likely words become likelier, above 1 the unlikely. @defaultValue 1 */
  readonly temperature?: number | undefined;
  /** Draws among so many of the likeliest words. @defaultValue all */
  readonly topK?: number | undefined;
  /** Draws among the likeliest words that together have this probability (Holtzman et al. 2020). @defaultValue 1 */
  readonly topP?: number | undefined;
  /** @defaultValue 1 */
  readonly seed?: number | undefined;
  /** A number for each image that its draws depend on, beside the seed. @defaultValue its place in the batch */
  readonly imageSeeds?: readonly number[] | undefined;
}

export const SEARCH_DEFAULTS = { beamWidth: 3, maximumLength: 20, lengthPenalty: 0.7, consensus: 0 } as const;
