import { END } from '../text/index.js';
import { Best } from './best.js';
import { Candidates } from './candidates.js';
import type { BeamOptions } from './options.js';
import { type RequiredWord, RequiredWords } from './required.js';
import { type Rules, resolveBeam } from './resolve-options.js';
import type { DecoderStepper, Hypothesis } from './stepper.js';
import type { Finished } from './trace.js';
import { type Method, type Step, writeCaptions } from './write-captions.js';

/**
 * The captions that beam search finds for each image, best first: at most `nBest`, none where the network gives no
 * finite log-probability.
 *
 * In every step an image's captions under way are continued with every word. Of the continuations' best `beamWidth`,
 * those that end are finished; the best `beamWidth` that do not end go on. An image is done when `beamWidth` captions
 * have finished, when no caption under way can still enter the `nBest` best (by what the network can add, not a preference), or
 * at the length limit; its rows then leave the batch. A beam of width 1 is greedy search. Images do not influence each other; of
 * equals the earlier row leads, then the earlier token.
 *
 * An image with required words has a beam for each set of them that a caption may have so far (Anderson et al. 2017): a
 * caption goes over to another beam with the word. Only captions with all of them end; where none comes to have all, those
 * with the most of them are returned, cut off.
 * @throws `CONFIGURATION_INVALID` for an option out of its range.
 */
export async function beamSearch<Images, State>(
  stepper: DecoderStepper<Images, State>,
  images: Images,
  imageCount: number,
  options: BeamOptions = {},
): Promise<Hypothesis[][]> {
  const { rules, beamWidth, required } = resolveBeam(options);
  const machines = machinesOf(required, imageCount);
  return writeCaptions(stepper, images, imageCount, rules, new Beams(rules, beamWidth, machines));
}

/** The machine of each image's required words. */
function machinesOf(
  required: readonly (readonly RequiredWord[] | undefined)[],
  imageCount: number,
): RequiredWords[] {
  const none = new RequiredWords([]);
  return Array.from({ length: imageCount }, (_, image) => {
    const words = required[image] ?? [];
    return words.length === 0 ? none : new RequiredWords(words);
  });
}

class Beams implements Method {
  readonly capacity: number;
  readonly named: Int32Array | undefined;
  private readonly candidates: readonly Candidates[];
  private readonly best: readonly Best[];
  /** Captions cut off before they had all required words, each with the beam it was in. */
  private readonly incomplete = new Map<number, { beam: number; finished: Finished }[]>();
  /** The network gives no log-probability above 0: a caption under way scores at most as if every word up to the limit were certain. */
  private readonly longest: number;
  private readonly mostMoves: number;

  constructor(
    private readonly rules: Rules,
    private readonly beamWidth: number,
    private readonly required: readonly RequiredWords[],
  ) {
    const states = required.map((machine) => machine.states);
    this.capacity = beamWidth * states.reduce((sum, count) => sum + count, 0);
    // Each row has one end token, so twice the width holds `beamWidth` candidates that go on, if there are as many.
    this.candidates = Array.from({ length: Math.max(1, ...states) }, () => new Candidates(2 * beamWidth));
    this.best = required.map(() => new Best(rules.nBest));
    this.longest = rules.maximumLength ** rules.lengthPenalty;
    const tokens = new Set(required.flatMap(({ moves }) => (moves[0] ?? []).map(({ token }) => token)));
    this.named = tokens.size > 0 ? Int32Array.from(tokens) : undefined;
    this.mostMoves = Math.max(0, ...required.map(({ closed }) => (closed[0] ?? []).length));
  }

  looksAt(): number {
    return this.beamWidth + 1 + this.mostMoves;
  }

  advance(step: Step, image: number, first: number, last: number): void {
    const { length, next } = step;
    const { complete, states } = this.required[image]!;
    this.offer(step, image, first, last);
    const finished = this.best[image]!;
    const ending = this.candidates[complete]!;
    for (let i = 0; i < Math.min(this.beamWidth, ending.size); i++) {
      if (ending.tokens[i] === END) finished.add(step.end(ending.rows[i]!, ending.totals[i]!));
    }
    const enough = finished.added >= this.beamWidth;
    if (enough && states === 1) return;
    const start = next.count;
    let highest = Number.NEGATIVE_INFINITY;
    for (let beam = 0; beam < states; beam++) {
      const { size, rows: parents, tokens, totals } = this.candidates[beam]!;
      const end = next.count + this.beamWidth;
      for (let i = 0; i < size && next.count < end; i++) {
        if (tokens[i] === END) continue;
        next.add(image, parents[i]!, tokens[i]!, totals[i]!, beam);
        highest = Math.max(highest, totals[i]!);
      }
    }
    // Captions that are without a word yet may come to be better than those that had it early: they are waited for until
    // none under way would be kept if it ended here.
    // So are those that a preference has brought above 0: what it may still add has no bound.
    const bound = enough || highest > 0 ? length ** this.rules.lengthPenalty : this.longest;
    if (next.count > start && !finished.accepts(highest / bound)) next.count = start;
  }

  cut(image: number, beam: number, finished: Finished): void {
    if (beam === this.required[image]!.complete) this.best[image]!.add(finished);
    else this.incomplete.set(image, [...(this.incomplete.get(image) ?? []), { beam, finished }]);
  }

  finished(image: number): Finished[] {
    const { list } = this.best[image]!;
    const cut = this.incomplete.get(image) ?? [];
    if (list.length > 0 || cut.length === 0) return list;
    const most = Math.max(...cut.map(({ beam }) => bits(beam)));
    const kept = cut.filter(({ beam }) => bits(beam) === most).map(({ finished }) => finished);
    return kept.sort((a, b) => b.score - a.score);
  }

  /** Offers every continuation of the image's captions to the beam that it belongs to. */
  private offer({ rows, words, forbidden }: Step, image: number, first: number, last: number): void {
    const { moves, closed, states } = this.required[image]!;
    for (let beam = 0; beam < states; beam++) this.candidates[beam]!.clear();
    for (let row = first; row < last; row++) {
      const beam = rows.beams[row]!;
      const total = rows.totals[row]!;
      const mask = forbidden.enter(row);
      for (const { token, to } of moves[beam]!) {
        if (mask[token] === 0) this.candidates[to]!.offerOne(row, token, total + words.of(row, token));
      }
      forbidden.besides(closed[beam]!);
      this.candidates[beam]!.offer(words, row, total, mask);
    }
  }
}

/** The number of bits that are set. */
function bits(state: number): number {
  return state === 0 ? 0 : (state & 1) + bits(state >> 1);
}
