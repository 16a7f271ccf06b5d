import { SPECIAL_TOKENS } from '../text/index.js';
import { Candidates } from './candidates.js';
import { StepWords } from './step-words.js';
import type { DecoderStepper, Hypothesis, StepOutput, WantedWords } from './stepper.js';

/** What is known of an image's captions besides what the network makes of them. */
export interface Preference {
  /** What is added to a word's log-probability where a caption has it for the first time: 0 or more. */
  ofWord(token: number): number;
  /** What is added to a caption's agreement with the others, where they are compared. */
  ofCaption(caption: Hypothesis): number;
}

/**
 * So many of a row's likeliest words are preferred, the others are as the network has them. No more than a decoder's graph gives
 * by itself (src/bundle/decoder-graph.ts), so that it does not matter whether it gave more: what an image gets would depend on others.
 */
const PREFERRED = 16;

/** A word of a caption under way, with those before it. */
interface Said {
  readonly token: number;
  readonly before: Said | undefined;
}

interface PreferringRows<State> {
  readonly state: State;
  /** The image of each row. */
  readonly images: Int32Array;
  /** What each row has said. */
  readonly said: readonly (Said | undefined)[];
}

/** A network to which the likeliest words are likelier as each image's preference has it. */
export class PreferringStepper<Images, State> implements DecoderStepper<Images, PreferringRows<State>> {
  readonly vocabularySize: number;
  private readonly likeliest = new Candidates(PREFERRED);
  private readonly forbidden: Uint8Array;

  /** @param preferences one an image, in their order. */
  constructor(
    private readonly network: DecoderStepper<Images, State>,
    private readonly preferences: readonly Preference[],
  ) {
    this.vocabularySize = network.vocabularySize;
    this.forbidden = new Uint8Array(this.vocabularySize);
  }

  start(images: Images): PreferringRows<State> {
    return {
      state: this.network.start(images),
      images: Int32Array.from(this.preferences.keys()),
      said: this.preferences.map(() => undefined),
    };
  }

  async step(
    tokens: Int32Array,
    { state, images, said }: PreferringRows<State>,
    wanted?: WantedWords,
  ): Promise<StepOutput<PreferringRows<State>>> {
    const more = wanted && { ...wanted, likeliest: Math.max(wanted.likeliest, PREFERRED) };
    const output = await this.network.step(tokens, state, more);
    const rows: PreferringRows<State> = {
      state: output.state,
      images,
      said: said.map((before, row) => ({ token: tokens[row]!, before })),
    };
    return { ...output, ...this.prefer(output, rows, wanted?.named), state: rows };
  }

  select({ state, images, said }: PreferringRows<State>, selected: Int32Array): PreferringRows<State> {
    return {
      state: this.network.select(state, selected),
      images: selected.map((row) => images[row]!),
      said: Array.from(selected, (row) => said[row]),
    };
  }

  /** A step's words with what the images add to them. @param names the words asked for by name. */
  private prefer(
    output: StepOutput<State>,
    { images, said }: PreferringRows<State>,
    names: Int32Array | undefined,
  ): Omit<StepOutput<State>, 'state'> {
    const { likeliest } = this;
    const words = new StepWords(output, images.length, names);
    const preferred = new Float32Array(output.logProbabilities.length);
    const named = output.named?.slice();
    for (const [row, image] of images.entries()) {
      likeliest.clear();
      likeliest.offer(words, row, 0, this.forbidden);
      for (const [place, token] of likeliest.tokens.subarray(0, likeliest.size).entries()) {
        if (!isWord(token) || has(said[row], token)) continue;
        const added = this.preferences[image]!.ofWord(token);
        preferred[row * words.width + (output.tokens === undefined ? token : place)] = added;
        const column = names?.indexOf(token) ?? -1;
        if (named !== undefined && column !== -1) named[row * names!.length + column]! += added;
      }
    }
    const logProbabilities = output.logProbabilities.map((value, place) => value + preferred[place]!);
    const { tokens } = output;
    if (tokens === undefined) return { logProbabilities, preferred };
    return { ...sorted({ logProbabilities, preferred, tokens }, words.width), ...(named && { named }) };
  }
}

interface Likeliest {
  readonly tokens: Int32Array;
  readonly logProbabilities: Float32Array;
  readonly preferred: Float32Array;
}

/** The words of each row of `width`, likeliest first, of equals the earlier token. */
function sorted({ tokens, logProbabilities, preferred }: Likeliest, width: number): Likeliest {
  const places = Int32Array.from(tokens.keys());
  for (let first = 0; first < places.length; first += width) {
    const row = places.subarray(first, first + width);
    row.sort((a, b) => logProbabilities[b]! - logProbabilities[a]! || tokens[a]! - tokens[b]!);
  }
  return {
    tokens: places.map((place) => tokens[place]!),
    logProbabilities: Float32Array.from(places, (place) => logProbabilities[place]!),
    preferred: Float32Array.from(places, (place) => preferred[place]!),
  };
}

function has(said: Said | undefined, token: number): boolean {
  for (let word = said; word !== undefined; word = word.before) if (word.token === token) return true;
  return false;
}

/** What is added to the end would favour long captions or short ones. */
function isWord(token: number): boolean {
  return token >= SPECIAL_TOKENS.length;
}
