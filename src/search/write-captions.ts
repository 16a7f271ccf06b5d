import { Forbidden } from './forbidden.js';
import type { Rules } from './resolve-options.js';
import { Rows } from './rows.js';
import { StepWords } from './step-words.js';
import type { DecoderStepper, Hypothesis, WantedWords } from './stepper.js';
import { type Finished, Trace } from './trace.js';

/** How a search chooses. One object serves one batch of images, and knows what has finished in each. */
export interface Method {
  /** The most rows that a step leaves under way. */
  readonly capacity: number;
  /** Words that it may ask `StepWords` for, likely or not. */
  readonly named?: Int32Array | undefined;
  /** How many of a row's likeliest permitted words it looks at in a step; undefined for all. */
  looksAt(length: number): number | undefined;
  /** Continues the rows `first` to `last` (left out) of an image: adds the best to `next`, keeps what has finished. */
  advance(step: Step, image: number, first: number, last: number): void;
  /** Takes a caption that is cut off at the length limit. */
  cut(image: number, beam: number, finished: Finished): void;
  /** The image's finished captions: those to return first, where not all are. */
  finished(image: number): Iterable<Finished>;
}

/** One step of all captions under way. */
export interface Step {
  /** The words that captions going on have after it, or the tokens of those that end with it. */
  readonly length: number;
  readonly rows: Rows;
  readonly words: StepWords;
  readonly forbidden: Forbidden;
  /** The rows after it. */
  readonly next: Rows;
  /** A caption that ends with this step. */
  end(row: number, logProbability: number): Finished;
}

/**
 * Writes captions word by word, all images at once, as the method chooses: at most `nBest` an image, best first, none twice.
 * An image's rows leave the batch when it is done.
 */
export async function writeCaptions<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  rules: Rules,
  method: Method,
): Promise<Hypothesis[][]> {
  const { maximumLength, lengthPenalty, attention, wordLogProbabilities } = rules;
  const forbidden = new Forbidden(rules, stepper.vocabularySize);
  const trace = new Trace();
  let rows = Rows.first(imageCount);
  let state = stepper.start(images);

  for (let length = 1; rows.count > 0 && length <= maximumLength; length++) {
    forbidden.look(rows, trace, length);
    const wanted = wantedWords(method, length, forbidden.most, stepper.vocabularySize);
    const output = await stepper.step(rows.tokens, state, wanted);
    const words = new StepWords(output, rows.count, method.named);
    const next = new Rows(method.capacity);
    const end = (row: number, logProbability: number): Finished => {
      const score = logProbability / length ** lengthPenalty;
      return { words: length - 1, row, logProbability, score, ended: true };
    };
    const step: Step = { length, rows, words, forbidden, next, end };
    for (let first = 0, last = 0; first < rows.count; first = last) {
      const image = rows.images[first]!;
      while (last < rows.count && rows.images[last] === image) last++;
      method.advance(step, image, first, last);
    }
    const kept = next.trimmed();
    for (let row = 0; row < kept.count; row++) {
      const parent = kept.parents[row]!;
      kept.preferred[row] = rows.preferred[parent]! + words.preferredOf(parent, kept.tokens[row]!);
    }
    trace.add(kept, attention ? output.attention : undefined, wordLogProbabilities, rows.count);
    if (kept.count > 0 && length < maximumLength) {
      state = kept.continueAll(rows.count) ? output.state : stepper.select(output.state, kept.parents);
    }
    rows = kept;
  }
  for (let row = 0; row < rows.count; row++) {
    const logProbability = rows.totals[row]!;
    const score = logProbability / maximumLength ** lengthPenalty;
    const cut: Finished = { words: maximumLength, row, logProbability, score, ended: false };
    method.cut(rows.images[row]!, rows.beams[row]!, cut);
  }
  return Array.from({ length: imageCount }, (_, image) => read(trace, method.finished(image), rules.nBest));
}

function wantedWords(
  method: Method,
  length: number,
  forbidden: number,
  vocabularySize: number,
): WantedWords | undefined {
  const count = method.looksAt(length);
  if (count === undefined || count + forbidden >= vocabularySize) return undefined;
  const { named } = method;
  return { likeliest: count + forbidden, ...(named === undefined ? {} : { named }) };
}

/** The first `count` different captions, best first. */
function read(trace: Trace, finished: Iterable<Finished>, count: number): Hypothesis[] {
  const found = new Map<string, Hypothesis>();
  for (const one of finished) {
    if (found.size === count) break;
    const hypothesis = trace.read(one);
    const key = hypothesis.tokens.join(' ');
    if (!found.has(key)) found.set(key, hypothesis);
  }
  return [...found.values()].sort((a, b) => b.score - a.score);
}
