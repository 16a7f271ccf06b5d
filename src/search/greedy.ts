import { END } from '../text/index.js';
import { resolveOptions, type SearchOptions } from './options.js';
import { Rows } from './rows.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import { type Finished, Trace } from './trace.js';

/**
 * The caption that greedy search writes for each image, the likeliest word at every step: one an image, none where the
 * network gives no finite log-probability. An image that is done leaves the batch. Of equals the earlier token is taken.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function greedySearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: SearchOptions = {},
): Promise<Hypothesis[][]> {
  const { maximumLength, lengthPenalty, banned, attention } = resolveOptions(options);
  const { vocabularySize } = stepper;
  const done = new Array<Finished | undefined>(imageCount).fill(undefined);
  const trace = new Trace();
  let rows = Rows.first(imageCount);
  let state = stepper.start(images);

  for (let length = 1; rows.count > 0 && length <= maximumLength; length++) {
    const output = await stepper.step(rows.tokens, state);
    const next = new Rows(rows.count);
    for (let row = 0; row < rows.count; row++) {
      const image = rows.images[row]!;
      const offset = row * vocabularySize;
      const token = likeliest(output.logProbabilities, offset, vocabularySize, banned);
      if (token === undefined) continue;
      const logProbability = rows.totals[row]! + output.logProbabilities[offset + token]!;
      if (token === END) {
        const score = logProbability / length ** lengthPenalty;
        done[image] = { words: length - 1, row, logProbability, score, ended: true };
      } else next.add(image, row, token, logProbability);
    }
    const kept = next.trimmed();
    trace.add(kept.parents, kept.tokens, attention ? output.attention : undefined, rows.count);
    if (kept.count > 0) {
      state = kept.count < rows.count ? stepper.select(output.state, kept.parents) : output.state;
    }
    rows = kept;
  }
  for (let row = 0; row < rows.count; row++) {
    const logProbability = rows.totals[row]!;
    const score = logProbability / maximumLength ** lengthPenalty;
    done[rows.images[row]!] = { words: maximumLength, row, logProbability, score, ended: false };
  }
  return done.map((finished) => (finished === undefined ? [] : [trace.read(finished)]));
}

/** The first of the likeliest tokens that is possible and not banned. */
function likeliest(
  logProbabilities: Float32Array,
  offset: number,
  vocabularySize: number,
  banned: ReadonlySet<number>,
): number | undefined {
  let best: number | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < vocabularySize; token++) {
    const value = logProbabilities[offset + token]!;
    if (value > highest && !banned.has(token)) {
      best = token;
      highest = value;
    }
  }
  return best;
}
