import { Random } from '../random.js';
import { END } from '../text/index.js';
import { Draw, type DrawOptions } from './draw.js';
import type { SampleOptions } from './options.js';
import { resolveSample } from './resolve-options.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import type { Finished } from './trace.js';
import { type Method, type Step, writeCaptions } from './write-captions.js';

/**
 * Captions drawn at random, word by word, as likely as the network makes them: `nBest` draws an image, best first, what was
 * drawn twice given once. What is drawn for an image depends on the seed and on its number in `imageSeeds`, not on the batch
 * that it is in. Log-probabilities and scores are the same whatever the temperature.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function sampleSearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: SampleOptions = {},
): Promise<Hypothesis[][]> {
  const { rules, draw, seed, imageSeeds } = resolveSample(options);
  const randoms = Array.from({ length: imageCount }, (_, image) =>
    Array.from({ length: rules.nBest }, (_, caption) => Random.of(seed, imageSeeds[image] ?? image, caption)),
  );
  const method = new Sampling(draw, randoms, stepper.vocabularySize);
  return writeCaptions(stepper, images, imageCount, rules, method);
}

class Sampling implements Method {
  readonly capacity: number;
  private readonly draw: Draw;
  private readonly done: readonly Finished[][];

  /** @param randoms a generator for each caption of each image. */
  constructor(
    private readonly options: DrawOptions,
    private readonly randoms: readonly (readonly Random[])[],
    vocabularySize: number,
  ) {
    this.capacity = randoms.reduce((sum, ofImage) => sum + ofImage.length, 0);
    this.draw = new Draw(options, vocabularySize);
    this.done = randoms.map(() => []);
  }

  looksAt(): number | undefined {
    return this.options.topK;
  }

  advance(step: Step, image: number, first: number, last: number): void {
    const randoms = this.randoms[image]!;
    // Before the first word there is one row for all of an image's captions.
    if (step.length === 1) for (const caption of randoms.keys()) this.goOn(step, image, first, caption);
    else for (let row = first; row < last; row++) this.goOn(step, image, row, step.rows.beams[row]!);
  }

  cut(image: number, _: number, finished: Finished): void {
    this.done[image]!.push(finished);
  }

  finished(image: number): readonly Finished[] {
    return this.done[image]!;
  }

  private goOn(
    { rows, words, forbidden, next, end }: Step,
    image: number,
    row: number,
    caption: number,
  ): void {
    const token = this.draw.word(words, row, forbidden.enter(row), this.randoms[image]![caption]!);
    if (token === undefined) return;
    const total = rows.totals[row]! + words.of(row, token);
    if (token === END) this.done[image]!.push(end(row, total));
    else next.add(image, row, token, total, caption);
  }
}
