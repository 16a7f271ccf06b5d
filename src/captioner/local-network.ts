import { findCaptions } from '../search/index.js';
import { Vocabulary } from '../text/index.js';
import { forBatch } from './choose-search.js';
import { ExpectedWords, preferenceFor } from './expected-words.js';
import { namedTags } from './named-tags.js';
import type { Network, NetworkModel, SeenImage, Wanted } from './network.js';
import { type EncodedImages, encode, floats, logitsOf } from './onnx-encoder.js';
import { OnnxStepper } from './onnx-stepper.js';
import { openSessions, type Sessions } from './sessions.js';

/** Runs encoder and decoder on the thread that calls it, which they keep busy. */
export class LocalNetwork implements Network {
  readonly capacity = 1;
  private readonly vocabulary: Vocabulary;
  private readonly expectedWords: ExpectedWords | undefined;

  /** @throws `BUNDLE_BROKEN` */
  static async open(model: NetworkModel): Promise<LocalNetwork> {
    return new LocalNetwork(model, await openSessions(model));
  }

  private constructor(
    private readonly model: NetworkModel,
    private readonly sessions: Sessions,
  ) {
    this.vocabulary = new Vocabulary(model.words);
    this.expectedWords = model.expectedWords && new ExpectedWords(model.expectedWords);
  }

  async see(
    pixels: readonly Uint8Array[],
    { search, nameTags, expectedWords: weight }: Wanted,
    signal?: AbortSignal,
  ): Promise<SeenImage[]> {
    const { size, stateNames, tags, gridCells } = this.model;
    const { vocabulary } = this;
    const encoded = await encode(this.sessions.encoder, pixels, size, stateNames);
    const stepper = new OnnxStepper(this.sessions.decoder, {
      vocabularySize: vocabulary.size,
      stateNames,
      attention: search.options.attention ?? false,
      signal,
    });
    const named = nameTags === undefined ? [] : namedTags(encoded, nameTags, search, { tags, vocabulary });
    const vectors = pixels.map((_, image) => meanCell(encoded, image, gridCells));
    const expected = weight === 0 ? undefined : this.expectedWords;
    const preferences = expected && vectors.map((vector) => preferenceFor(expected.of(vector), weight));
    const choice = forBatch(search, pixels, named);
    const found = await findCaptions(stepper, encoded, pixels.length, choice, preferences);
    return found.map((hypotheses, image) => ({
      hypotheses,
      vector: vectors[image] as Float32Array,
      classLogits: encoded.classLogits && logitsOf(encoded, image).slice(),
    }));
  }

  async close(): Promise<void> {
    await this.sessions.encoder.release();
    await this.sessions.decoder.release();
  }
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
