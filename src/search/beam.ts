import { END } from '../text/index.js';
import { Candidates } from './candidates.js';
import { type BeamOptions, resolveOptions } from './options.js';
import { Rows } from './rows.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import { type Finished, Trace } from './trace.js';

/**
 * The captions that beam search finds for each image, best first: at most `nBest`, none where the network gives no
 * finite log-probability.
 *
 * In every step an image's captions under way are continued with every word. Of the continuations' best `beamWidth`,
 * those that end are finished; the best `beamWidth` that do not end go on. An image is done when `beamWidth` captions
 * have finished, when no caption under way can still enter the `nBest` best, or at the length limit; its rows then leave
 * the batch. A beam of width 1 is greedy search. Images do not influence each other; of equals the earlier row leads,
 * then the earlier token.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function beamSearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: BeamOptions = {},
): Promise<Hypothesis[][]> {
  const { beamWidth, maximumLength, lengthPenalty, nBest, banned, attention } = resolveOptions(options);
  // Each row has one end token, so twice the width holds `beamWidth` candidates that go on, if there are as many.
  const candidates = new Candidates(2 * beamWidth, banned);
  const best = Array.from({ length: imageCount }, () => new Best(nBest));
  // No log-probability is above 0: a caption under way scores at most as if every word up to the limit were certain.
  const longest = maximumLength ** lengthPenalty;
  const trace = new Trace();
  let rows = Rows.first(imageCount);
  let state = stepper.start(images);

  for (let length = 1; rows.count > 0 && length <= maximumLength; length++) {
    const output = await stepper.step(rows.tokens, state);
    const next = new Rows(imageCount * beamWidth);
    for (let first = 0, last = 0; first < rows.count; first = last) {
      const image = rows.images[first]!;
      candidates.clear();
      for (; last < rows.count && rows.images[last] === image; last++) {
        candidates.offer(output.logProbabilities, stepper.vocabularySize, last, rows.totals[last]!);
      }
      const finished = best[image]!;
      for (let i = 0; i < Math.min(beamWidth, candidates.size); i++) {
        if (candidates.tokens[i] !== END) continue;
        const logProbability = candidates.totals[i]!;
        const score = logProbability / length ** lengthPenalty;
        finished.add({ words: length - 1, row: candidates.rows[i]!, logProbability, score, ended: true });
      }
      if (finished.added >= beamWidth) continue;
      const start = next.count;
      for (let i = 0; i < candidates.size && next.count < start + beamWidth; i++) {
        const token = candidates.tokens[i]!;
        if (token !== END) next.add(image, candidates.rows[i]!, token, candidates.totals[i]!);
      }
      if (next.count > start && !finished.accepts(next.totals[start]! / longest)) next.count = start;
    }
    const kept = next.trimmed();
    trace.add(kept.parents, kept.tokens, attention ? output.attention : undefined, rows.count);
    rows = kept;
    if (rows.count > 0 && length < maximumLength) state = stepper.select(output.state, rows.parents);
  }
  for (let row = 0; row < rows.count; row++) {
    const logProbability = rows.totals[row]!;
    const score = logProbability / longest;
    best[rows.images[row]!]!.add({ words: maximumLength, row, logProbability, score, ended: false });
  }
  return best.map(({ list }) => list.map((finished) => trace.read(finished)));
}

/** The best finished captions of an image, best first; of equals the one added first leads. */
class Best {
  readonly list: Finished[] = [];
  /** How many were ever added. */
  added = 0;

  constructor(private readonly capacity: number) {}

  /** Whether a caption of this score would be kept. */
  accepts(score: number): boolean {
    return this.list.length < this.capacity || score > this.list[this.capacity - 1]!.score;
  }

  add(finished: Finished): void {
    this.added++;
    if (!this.accepts(finished.score)) return;
    const place = this.list.findIndex((kept) => kept.score < finished.score);
    this.list.splice(place === -1 ? this.list.length : place, 0, finished);
    this.list.length = Math.min(this.list.length, this.capacity);
  }
}
