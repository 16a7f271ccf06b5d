import { SPECIAL_TOKENS } from '../text/index.js';
import type { DecoderStepper, Hypothesis, StepOutput, WantedWords } from './stepper.js';

/** What is known of an image's captions besides what the network makes of them. */
export interface Preference {
  /** What is added to a word's log-probability where a caption has it for the first time. */
  word(token: number): number;
  /** What is added to a caption's agreement with the others, where they are compared. */
  caption(caption: Hypothesis): number;
}

/** Of each row at least so many of the network's likeliest words are looked at: as many as its graph gives by themselves. */
const LOOKED_AT = 16;

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

/**
 * A network whose words are likelier, or less, as each image's preference has it. A word that is not among the likeliest of a step
 * stays out of them.
 */
export class PreferringStepper<Images, State> implements DecoderStepper<Images, PreferringRows<State>> {
  readonly vocabularySize: number;
  /** What each image adds to every word, `[V]`; made where a step has them all. */
  private readonly ofAllWords = new Map<number, Float32Array>();

  /** @param preferences one an image, in their order. */
  constructor(
    private readonly network: DecoderStepper<Images, State>,
    private readonly preferences: readonly Preference[],
  ) {
    this.vocabularySize = network.vocabularySize;
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
    const more = wanted && { ...wanted, likeliest: Math.max(wanted.likeliest, LOOKED_AT) };
    const output = await this.network.step(tokens, state, more);
    const after = said.map((before, row) => ({ token: tokens[row]!, before }));
    const rows: PreferringRows<State> = { state: output.state, images, said: after };
    if (output.tokens === undefined) {
      return { ...output, state: rows, logProbabilities: this.preferAll(output.logProbabilities, rows) };
    }
    const likeliest = this.preferLikeliest(output.logProbabilities, output.tokens, rows);
    if (output.named === undefined || wanted?.named === undefined) {
      return { ...output, ...likeliest, state: rows };
    }
    const { named } = wanted;
    const values = output.named.map((value, place) => {
      return value + this.added(named[place % named.length]!, Math.floor(place / named.length), rows);
    });
    return { ...output, ...likeliest, named: values, state: rows };
  }

  select({ state, images, said }: PreferringRows<State>, selected: Int32Array): PreferringRows<State> {
    return {
      state: this.network.select(state, selected),
      images: selected.map((row) => images[row]!),
      said: Array.from(selected, (row) => said[row]),
    };
  }

  /** Every word's log-probability, `[rows, V]`. */
  private preferAll(logProbabilities: Float32Array, { images, said }: PreferringRows<State>): Float32Array {
    const size = this.vocabularySize;
    const preferred = logProbabilities.slice();
    for (const [row, image] of images.entries()) {
      const added = this.ofAllWords.get(image) ?? this.addedToAll(image);
      this.ofAllWords.set(image, added);
      for (let token = 0; token < size; token++) preferred[row * size + token]! += added[token]!;
      for (let word = said[row]; word !== undefined; word = word.before) {
        preferred[row * size + word.token] = logProbabilities[row * size + word.token]!;
      }
    }
    return preferred;
  }

  private addedToAll(image: number): Float32Array {
    const preference = this.preferences[image]!;
    const all = { length: this.vocabularySize };
    return Float32Array.from(all, (_, token) => (isWord(token) ? preference.word(token) : 0));
  }

  /** The likeliest words of each row, sorted anew: `[rows, width]` each. */
  private preferLikeliest(logProbabilities: Float32Array, tokens: Int32Array, rows: PreferringRows<State>) {
    const width = tokens.length / rows.images.length;
    const sorted = { logProbabilities: logProbabilities.slice(), tokens: tokens.slice() };
    for (const [place, token] of tokens.entries()) {
      const row = Math.floor(place / width);
      const value = logProbabilities[place]! + this.added(token, row, rows);
      let to = place;
      for (; to > row * width && comesBefore(value, token, sorted, to - 1); to--) {
        sorted.logProbabilities[to] = sorted.logProbabilities[to - 1]!;
        sorted.tokens[to] = sorted.tokens[to - 1]!;
      }
      sorted.logProbabilities[to] = value;
      sorted.tokens[to] = token;
    }
    return sorted;
  }

  /** What is added to a word that follows a row. */
  private added(token: number, row: number, { images, said }: PreferringRows<State>): number {
    return isWord(token) && !has(said[row], token) ? this.preferences[images[row]!]!.word(token) : 0;
  }
}

/** A caption with the log-probabilities that the network itself gave, and the score that the search ranked it by. */
export function withoutPreference(caption: Hypothesis, preference: Preference): Hypothesis {
  const { tokens, logProbability, wordLogProbabilities } = caption;
  const added = tokens.map((token, place) => {
    return isWord(token) && tokens.indexOf(token) === place ? preference.word(token) : 0;
  });
  const words = wordLogProbabilities?.map((value, place) => value - (added[place] ?? 0));
  return {
    ...caption,
    logProbability: logProbability - added.reduce((sum, value) => sum + value, 0),
    ...(words === undefined ? {} : { wordLogProbabilities: words }),
  };
}

function comesBefore(
  value: number,
  token: number,
  { logProbabilities, tokens }: { readonly logProbabilities: Float32Array; readonly tokens: Int32Array },
  place: number,
): boolean {
  const other = logProbabilities[place]!;
  return value > other || (value === other && token < tokens[place]!);
}

function has(said: Said | undefined, token: number): boolean {
  for (let word = said; word !== undefined; word = word.before) if (word.token === token) return true;
  return false;
}

/** What is added to the end would favour long captions or short ones. */
function isWord(token: number): boolean {
  return token >= SPECIAL_TOKENS.length;
}
