import { END } from '../text/index.js';
import { Candidates } from './candidates.js';
import type { SearchOptions } from './options.js';
import { type Rules, resolveRules } from './resolve-options.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import type { Finished } from './trace.js';
import { type Method, type Step, writeCaptions } from './write-captions.js';

/**
 * The caption that greedy search writes for each image, the likeliest word at every step; none where the network gives no
 * finite log-probability. With `nBest` above 1, one for each of the likeliest first words. An image that is done leaves the
 * batch. Of equals the earlier token is taken.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function greedySearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: SearchOptions = {},
): Promise<Hypothesis[][]> {
  const rules = resolveRules(options);
  return writeCaptions(stepper, images, imageCount, rules, new Greedy(rules, imageCount));
}

class Greedy implements Method {
  readonly capacity: number;
  private readonly firstWords: Candidates;
  private readonly nextWord = new Candidates(1);
  private readonly done: readonly Finished[][];

  constructor(
    private readonly rules: Rules,
    imageCount: number,
  ) {
    this.capacity = imageCount * rules.nBest;
    this.firstWords = new Candidates(rules.nBest);
    this.done = Array.from({ length: imageCount }, () => []);
  }

  looksAt(length: number): number {
    return length === 1 ? this.rules.nBest : 1;
  }

  advance(
    { length, rows, words, forbidden, next, end }: Step,
    image: number,
    first: number,
    last: number,
  ): void {
    const likeliest = length === 1 ? this.firstWords : this.nextWord;
    for (let row = first; row < last; row++) {
      likeliest.clear();
      likeliest.offer(words, row, rows.totals[row]!, forbidden.enter(row));
      for (let i = 0; i < likeliest.size; i++) {
        const total = likeliest.totals[i]!;
        if (likeliest.tokens[i] === END) this.done[image]!.push(end(row, total));
        else next.add(image, row, likeliest.tokens[i]!, total, 0);
      }
    }
  }

  cut(image: number, _: number, finished: Finished): void {
    this.done[image]!.push(finished);
  }

  finished(image: number): readonly Finished[] {
    return this.done[image]!;
  }
}
