import type { SearchChoice } from '../search/index.js';

export interface CaptionOptions {
  /**
   * How words are chosen: `beam`, the best of several captions under way; `greedy`, the likeliest word each time; `diverse`,
   * as beam, but unlike each other; `sample`, at random. @defaultValue the model's
   */
  readonly method?: SearchChoice['method'] | undefined;
  /** Captions under way an image, with method `beam` or `diverse`. @defaultValue the model's, at least `top` */
  readonly beamWidth?: number | undefined;
  /** Captions to give for each image, best first. @defaultValue 1 */
  readonly top?: number | undefined;
  /** The fewest words a caption may have. @defaultValue the model's, or 1 */
  readonly minimumLength?: number | undefined;
  /** The most words a caption may have. @defaultValue the model's */
  readonly maximumLength?: number | undefined;
  /** How much longer captions are favoured, 0 or more: score = log-probability / length^penalty. @defaultValue the model's */
  readonly lengthPenalty?: number | undefined;
  /**
   * With method `beam`, `diverse` or `sample`: puts first, of so many captions, the one that agrees most with the others: slower and
   * better. Without `expectedWords`, half as many as the beam is wide is best. @defaultValue the model's; 0, off, where a beam width or another method is chosen
   */
  readonly consensus?: number | undefined;
  /**
   * How much it counts that a caption has the words to expect of the picture, which `calibrateModel` learns: while words are
   * chosen, and with `consensus` beside the agreement; 0 for not at all. @defaultValue the model's
   */
  readonly expectedWords?: number | undefined;
  /** How many words in a row may not stand in a caption twice; 0 lets all repeat. @defaultValue the model's, or 0 */
  readonly noRepeatNgram?: number | undefined;
  /** Words never to write, each just as it is given: not its plural too. */
  readonly banned?: readonly string[] | undefined;
  /** Words that every caption must have, or of each list any one, with method `beam` or `greedy`. At most four. */
  readonly required?: readonly (string | readonly string[])[] | undefined;
  /**
   * Makes captions name the things that the classifier finds at least so probable, the likeliest two at most, with method `beam` or
   * `greedy`: a picture whose best caption names them stays as it is, of the others captions are searched for again. 0 for not at
   * all. Does nothing in a model without a classifier. @defaultValue 0
   */
  readonly nameTags?: number | undefined;
  /** Whether a caption may end with words such as `a`, `of`, `with`. @defaultValue false */
  readonly anyEnding?: boolean | undefined;
  /** With method `diverse`: how many groups the captions under way are in. @defaultValue as many as captions */
  readonly groups?: number | undefined;
  /** With method `diverse`: what a word loses of its log-probability where another group has it. @defaultValue 0.5 */
  readonly diversity?: number | undefined;
  /** With method `sample`: below 1 likely words become likelier, above 1 unlikely ones. @defaultValue 1 */
  readonly temperature?: number | undefined;
  /** With method `sample`: draw among so many of the likeliest words. @defaultValue all */
  readonly topK?: number | undefined;
  /** With method `sample`: draw among the likeliest words that together are this probable. @defaultValue 1 */
  readonly topP?: number | undefined;
  /** With method `sample`: the same seed gives the same photo the same captions. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Whether to give each word with where the model looked for it. @defaultValue false */
  readonly attention?: boolean | undefined;
  /** Leaves out captions of which the model is less sure, 0 to 1. @defaultValue 0 */
  readonly minimumConfidence?: number | undefined;
  /** Whether to give each caption with what its confidence is computed from. @defaultValue false */
  readonly evidence?: boolean | undefined;
  /** Images that run through the network at once, on each thread: more need more memory. @defaultValue 6, fewer with a beam above 5 */
  readonly batchSize?: number | undefined;
  /** How long a source may pause before the images so far are captioned without waiting for more, milliseconds. @defaultValue 50 */
  readonly patience?: number | undefined;
  /** Is told of every batch how many images it has. */
  readonly onBatch?: ((images: number) => void) | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
}
