import { END } from '../text/index.js';
import { Best } from './best.js';
import { Candidates } from './candidates.js';
import type { DiverseOptions } from './options.js';
import { resolveDiverse } from './resolve-options.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import type { Finished } from './trace.js';
import { type Method, type Step, writeCaptions } from './write-captions.js';

/**
 * The captions that diverse beam search finds for each image (Vijayakumar et al. 2016): an image's captions under way are
 * divided into `groups`, each a beam of its own. The groups take turns in every step; a word loses `diversity` of its
 * log-probability for each time that an earlier group goes on with it in this step (Hamming diversity, eq. 5). It loses it
 * for the choice only, not in the score; the end of a caption loses nothing. The best of each group are returned before the
 * second of any.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function diverseBeamSearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: DiverseOptions = {},
): Promise<Hypothesis[][]> {
  const { rules, groups, groupWidth, diversity } = resolveDiverse(options);
  const method = new DiverseBeams(imageCount, groups, groupWidth, diversity);
  return writeCaptions(stepper, images, imageCount, rules, method);
}

class DiverseBeams implements Method {
  readonly capacity: number;
  private readonly candidates: Candidates;
  /** For each image the best of each group. */
  private readonly best: readonly (readonly Best[])[];

  constructor(
    imageCount: number,
    private readonly groups: number,
    private readonly width: number,
    private readonly diversity: number,
  ) {
    this.capacity = imageCount * groups * width;
    this.candidates = new Candidates(2 * width);
    this.best = Array.from({ length: imageCount }, () =>
      Array.from({ length: groups }, () => new Best(width)),
    );
  }

  looksAt(): number {
    // Words that earlier groups go on with may fall behind so many others.
    return this.width + 1 + (this.groups - 1) * this.width;
  }

  advance(step: Step, image: number, first: number, last: number): void {
    /** How often each word is gone on with in this step. */
    const taken = new Map<number, number>();
    for (let group = 0; group < this.groups; group++) {
      const finished = this.best[image]![group]!;
      if (finished.added >= this.width) continue;
      this.offer(step, first, last, group, taken);
      this.goOn(step, image, group, finished, taken);
    }
  }

  cut(image: number, beam: number, finished: Finished): void {
    this.best[image]![beam]!.add(finished);
  }

  *finished(image: number): Generator<Finished, void, undefined> {
    for (let rank = 0; rank < this.width; rank++) {
      const those = this.best[image]!.flatMap(({ list }) => list.slice(rank, rank + 1));
      yield* those.sort((a, b) => b.score - a.score);
    }
  }

  /** Fills the candidates with the best continuations of a group's captions. */
  private offer(
    { length, rows, words, forbidden }: Step,
    first: number,
    last: number,
    group: number,
    taken: ReadonlyMap<number, number>,
  ): void {
    this.candidates.clear();
    for (let row = first; row < last; row++) {
      // Before the first word there is one row for all groups.
      if (length > 1 && rows.beams[row] !== group) continue;
      const total = rows.totals[row]!;
      const mask = forbidden.enter(row);
      const again = [...taken].filter(([token]) => mask[token] === 0);
      forbidden.besides(taken.keys());
      this.candidates.offer(words, row, total, mask);
      for (const [token, times] of again) {
        this.candidates.offerOne(row, token, total + words.of(row, token) - this.diversity * times);
      }
    }
  }

  private goOn(
    { next, end }: Step,
    image: number,
    group: number,
    finished: Best,
    taken: Map<number, number>,
  ): void {
    const { size, rows, tokens, totals } = this.candidates;
    for (let i = 0; i < Math.min(this.width, size); i++) {
      if (tokens[i] === END) finished.add(end(rows[i]!, totals[i]!));
    }
    if (finished.added >= this.width) return;
    const start = next.count;
    for (let i = 0; i < size && next.count < start + this.width; i++) {
      const token = tokens[i]!;
      if (token === END) continue;
      const total = totals[i]! + this.diversity * (taken.get(token) ?? 0);
      next.add(image, rows[i]!, token, total, group);
    }
    for (let row = start; row < next.count; row++) {
      const token = next.tokens[row]!;
      taken.set(token, (taken.get(token) ?? 0) + 1);
    }
  }
}
