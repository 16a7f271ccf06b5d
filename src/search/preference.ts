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
  private readonly noneForbidden: Uint8Array;

  /** @param preferences one an image, in their order. */
  constructor(
    private readonly network: DecoderStepper<Images, State>,
    private readonly preferences: readonly Preference[],
  ) {
    this.vocabularySize = network.vocabularySize;
    this.noneForbidden = new Uint8Array(this.vocabularySize);
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

  /** A step's words with what the images add to them, in the step's own arrays. @param names the words asked for by name. */
  private prefer(
    output: StepOutput<State>,
    rows: PreferringRows<State>,
    names: Int32Array | undefined,
  ): Omit<StepOutput<State>, 'state'> {
    const count = rows.images.length;
    const { logProbabilities } = output;
    const preferred = new Float32Array(logProbabilities.length);
    if (output.tokens === undefined) {
      for (let row = 0; row < count; row++) this.preferAmongAll(row, rows, { logProbabilities, preferred });
      return { logProbabilities, preferred };
    }
    const words = { logProbabilities, preferred, tokens: output.tokens };
    for (let row = 0; row < count; row++) this.preferLikeliest(row, rows, words);
    if (output.named === undefined || names === undefined) return words;
    const after = new StepWords({ ...words, state: undefined }, count, undefined);
    const named = output.named.map((value, place) => {
      return value + after.preferredOf(Math.floor(place / names.length), names[place % names.length]!);
    });
    return { ...words, named };
  }

  /** Of a row's likeliest words, likeliest first. */
  private preferLikeliest(row: number, rows: PreferringRows<State>, words: Likeliest): void {
    const { tokens, preferred, logProbabilities } = words;
    const width = tokens.length / rows.images.length;
    const first = row * width;
    for (let place = first; place < first + Math.min(width, PREFERRED); place++) {
      preferred[place] = this.added(tokens[place]!, row, rows);
      logProbabilities[place]! += preferred[place]!;
      moveUp(words, place, first);
    }
  }

  /** Of all words, in their order. */
  private preferAmongAll(row: number, rows: PreferringRows<State>, words: Omit<Likeliest, 'tokens'>): void {
    const { likeliest, vocabularySize, noneForbidden } = this;
    const { preferred, logProbabilities } = words;
    const all = new StepWords({ logProbabilities, state: undefined }, rows.images.length, undefined);
    likeliest.clear();
    likeliest.offer(all, row, 0, noneForbidden);
    for (let i = 0; i < likeliest.size; i++) {
      const token = likeliest.tokens[i]!;
      preferred[row * vocabularySize + token] = this.added(token, row, rows);
      logProbabilities[row * vocabularySize + token]! += preferred[row * vocabularySize + token]!;
    }
  }

  /** What is added to a word that follows a row. */
  private added(token: number, row: number, { images, said }: PreferringRows<State>): number {
    return isWord(token) && !has(said[row], token) ? this.preferences[images[row]!]!.ofWord(token) : 0;
  }
}

interface Likeliest {
  readonly tokens: Int32Array;
  readonly logProbabilities: Float32Array;
  readonly preferred: Float32Array;
}

/** Moves a word up, but not above `first`, to where it is likelier than those behind it; of equals the earlier token leads. */
function moveUp({ tokens, logProbabilities, preferred }: Likeliest, place: number, first: number): void {
  const token = tokens[place]!;
  const value = logProbabilities[place]!;
  const added = preferred[place]!;
  let to = place;
  for (; to > first; to--) {
    const before = logProbabilities[to - 1]!;
    if (before > value || (before === value && tokens[to - 1]! < token)) break;
    tokens[to] = tokens[to - 1]!;
    logProbabilities[to] = before;
    preferred[to] = preferred[to - 1]!;
  }
  tokens[to] = token;
  logProbabilities[to] = value;
  preferred[to] = added;
}

function has(said: Said | undefined, token: number): boolean {
  for (let word = said; word !== undefined; word = word.before) if (word.token === token) return true;
  return false;
}

/** What is added to the end would favour long captions or short ones. */
function isWord(token: number): boolean {
  return token >= SPECIAL_TOKENS.length;
}
