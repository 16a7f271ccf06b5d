import { LegendaError } from '../errors.js';
import { findCaptions, type Hypothesis, type RequiredWord } from '../search/index.js';
import { Vocabulary } from '../text/index.js';
import { forBatch } from './choose-search.js';
import { EXPECTED_WORDS, ExpectedWords, preferenceFor } from './expected-words.js';
import { namedTags } from './named-tags.js';
import { closedError, type Network, type NetworkModel, type SeenImage, type Wanted } from './network.js';
import { type EncodedImages, encode, floats, logitsOf, selectImage } from './onnx-encoder.js';
import { OnnxStepper } from './onnx-stepper.js';
import { closeSessions, openSessions, type Sessions } from './sessions.js';
import { evidenceWidth, wordEvidence } from './word-evidence.js';
import { Workspace } from './workspace.js';

/** Runs encoder and decoder on the thread that calls it, which they keep busy. */
export class LocalNetwork implements Network {
  readonly capacity = 1;
  private readonly vocabulary: Vocabulary;
  private readonly workspace = new Workspace();
  /** Done when the batches so far are. */
  private last: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly expectedWords: ExpectedWords | undefined;

  /** @param sessions of the model's graphs, if they are open already. @throws `BUNDLE_BROKEN` */
  static async open(model: NetworkModel, sessions = openSessions(model)): Promise<LocalNetwork> {
    const opened = await sessions;
    try {
      requireWidth(model, opened);
    } catch (error) {
      await closeSessions(opened);
      throw error;
    }
    return new LocalNetwork(model, opened);
  }

  private constructor(
    private readonly model: NetworkModel,
    private readonly sessions: Sessions,
  ) {
    this.vocabulary = new Vocabulary(model.words);
    this.expectedWords = model.expectedWords && new ExpectedWords(model.expectedWords);
  }

  /** One batch after the other: they share a workspace. */
  see(pixels: readonly Uint8Array[], wanted: Wanted, signal?: AbortSignal): Promise<SeenImage[]> {
    if (this.closed) return Promise.reject(closedError());
    const seen = this.last.then(() => this.seeNow(pixels, wanted, signal));
    const over = () => {};
    this.last = seen.then(over, over);
    return seen;
  }

  private async seeNow(
    pixels: readonly Uint8Array[],
    { search, nameTags, expectedWords: weight }: Wanted,
    signal: AbortSignal | undefined,
  ): Promise<SeenImage[]> {
    signal?.throwIfAborted();
    const { size, stateNames, tags, gridCells } = this.model;
    const { vocabulary, expectedWords, workspace } = this;
    const encoded = await encode(this.sessions.encoder, pixels, size, stateNames, workspace);
    const vectors = pixels.map((_, image) => meanCell(encoded, image, gridCells));
    const logits = pixels.map((_, image) => encoded.classLogits && logitsOf(encoded, image).slice());
    const expected =
      expectedWords && vectors.map((vector, image) => expectedWords.of(wordEvidence(vector, logits[image])));
    const preferences = weight === 0 ? undefined : expected?.map((one) => preferenceFor(one, weight));
    const stepper = new OnnxStepper(this.sessions.decoder, {
      vocabularySize: vocabulary.size,
      stateNames,
      attention: search.options.attention ?? false,
      workspace,
      signal,
    });
    const found = await findCaptions(stepper, encoded, pixels.length, forBatch(search, pixels), preferences);
    const named = nameTags > 0 ? namedTags(encoded, nameTags, search, { tags, vocabulary }) : [];
    // One by one: what is required of captions multiplies those under way, and with them the memory.
    for (const image of imagesWithout(named, found)) {
      const choice = forBatch(search, pixels.slice(image, image + 1), named.slice(image, image + 1));
      const its = preferences?.slice(image, image + 1);
      const [naming = []] = await findCaptions(stepper, selectImage(encoded, image), 1, choice, its);
      // Where no caption comes to name them, perhaps within a few words, the one that was found stands.
      if (namesAll(naming[0], named[image] ?? [])) found[image] = naming;
    }
    return found.map((hypotheses, image) => ({
      hypotheses,
      wordFits: expected && hypotheses.map(({ tokens }) => expected[image]!.fitOf(tokens)),
      vector: vectors[image] as Float32Array,
      classLogits: logits[image],
    }));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    await closeSessions(this.sessions);
  }
}

/**
 * The images whose best caption does not name all that it is to. Most captions do by themselves: to require it of all of them would
 * double the captions under way.
 */
function imagesWithout(
  named: readonly (readonly RequiredWord[])[],
  found: readonly (readonly Hypothesis[])[],
): number[] {
  return named.flatMap((words, image) => (namesAll(found[image]?.[0], words) ? [] : [image]));
}

function namesAll(caption: Hypothesis | undefined, words: readonly RequiredWord[]): boolean {
  const tokens = caption?.tokens ?? [];
  return words.every(({ anyOf }) => anyOf.some((token) => tokens.includes(token)));
}

/** @throws `BUNDLE_BROKEN` if the words to expect are told from other evidence than these graphs give. */
function requireWidth({ expectedWords }: NetworkModel, { encoder }: Sessions): void {
  if (expectedWords === undefined) return;
  const lengthOf = (name: string): number => {
    const output = encoder.outputMetadata.find((one) => one.name === name);
    return output?.isTensor === true ? Number(output.shape.at(-1)) : 0;
  };
  const width = evidenceWidth(lengthOf('memory'), lengthOf('classLogits'));
  if (expectedWords.mean.length === width) return;
  throw new LegendaError('BUNDLE_BROKEN', {
    expected: `in ${EXPECTED_WORDS} what is told from the ${width} numbers that the encoder gives`,
    received: `what is told from ${expectedWords.mean.length}`,
    advice: 'calibrate the model again with legenda calibrate',
  });
}

/** The mean of an image's cells, without those of tags, which stand behind them: `[D]`. */
function meanCell({ memory }: EncodedImages, image: number, gridCells: number): Float32Array {
  const [, rows = 0, width = 0] = memory.dims;
  const cells = Math.min(rows, gridCells);
  const values = floats(memory);
  const sum = new Float32Array(width);
  for (let cell = 0; cell < cells; cell++) {
    const offset = (image * rows + cell) * width;
    for (let i = 0; i < width; i++) sum[i]! += values[offset + i]!;
  }
  return sum.map((value) => value / cells);
}
