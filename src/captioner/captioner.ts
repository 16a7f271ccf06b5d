import { availableParallelism } from 'node:os';
import type { Bundle } from '../bundle/index.js';
import { stateNames } from '../decoder/configuration.js';
import { asLegendaError, type LegendaError } from '../errors.js';
import { decodeImage, type FoundImage } from '../images/index.js';
import { findCaptions } from '../search/index.js';
import { type CaptionRow, failedRow } from './caption-row.js';
import { forBatch } from './choose-search.js';
import type { ConfidenceModel } from './confidence.js';
import { LookAhead } from './look-ahead.js';
import { namedTags } from './named-tags.js';
import { encode } from './onnx-encoder.js';
import { OnnxStepper } from './onnx-stepper.js';
import type { CaptionOptions } from './options.js';
import { type ResolvedCaptionOptions, resolveCaptionOptions } from './resolve-options.js';
import { type FoundImageCaptions, RowWriter } from './row-writer.js';
import type { Sessions } from './sessions.js';
import { requireAttention, type View, viewOf } from './view.js';

/** A picture: the path of its file, the file's bytes, or what `findImages` found. */
export type ImageSource = string | Uint8Array | FoundImage;

/** A picture ready for the network, or why there is none. */
type Decoded = { readonly image: string } & (
  | { readonly pixels: Uint8Array }
  | { readonly error: LegendaError }
);

/** A model that captions pictures. Made by `loadCaptioner`. */
export class Captioner {
  private readonly stateNames: readonly string[];
  private readonly writer: RowWriter;

  /** @param confidence how sure to be of its captions, if it was calibrated. */
  constructor(
    private readonly bundle: Bundle,
    private readonly sessions: Sessions,
    confidence?: ConfidenceModel,
  ) {
    this.writer = new RowWriter(bundle, confidence);
    this.stateNames = stateNames(bundle.manifest.configuration.decoder);
  }

  /** The model's name. */
  get model(): string {
    return this.bundle.manifest.name;
  }

  /** How it sees a photo. @throws `BUNDLE_VERSION` for some models of version 0.1.0. */
  get view(): View {
    return viewOf(this.bundle.manifest);
  }

  /**
   * Captions pictures: a row each, in their order. A picture that cannot be captioned has a row with its error.
   * @throws `CONFIGURATION_INVALID` for an option out of its range, or that the model has no use for; the signal's reason when
   *   it is aborted.
   */
  async caption(images: readonly ImageSource[], options: CaptionOptions = {}): Promise<CaptionRow[]> {
    const rows: CaptionRow[] = [];
    for await (const row of this.captionAll(listed(images), options)) rows.push(row);
    return rows;
  }

  /**
   * Captions a stream of pictures as `caption` does, in batches. The next pictures are read while the network works, but
   * only so many that memory stays the same however many there are. Rows come as soon as their batch is done; a source
   * that pauses does not hold back the pictures before.
   */
  captionAll(
    images: AsyncIterable<ImageSource>,
    options: CaptionOptions = {},
  ): AsyncGenerator<CaptionRow, void, undefined> {
    // Here, not in the generator, so that a wrong option is told before the first row is asked for.
    const resolved = resolveCaptionOptions(options, this.bundle);
    if (options.attention === true) requireAttention(this.bundle.manifest);
    return this.captionBatches(images, resolved);
  }

  /** Frees the network's memory. */
  async close(): Promise<void> {
    await this.sessions.encoder.release();
    await this.sessions.decoder.release();
  }

  private async *captionBatches(
    images: AsyncIterable<ImageSource>,
    options: ResolvedCaptionOptions,
  ): AsyncGenerator<CaptionRow, void, undefined> {
    const { batchSize, patience, onBatch, signal } = options;
    const ahead = new LookAhead(images, (image) => this.decode(image), {
      limit: 2 * batchSize,
      concurrency: 4 * availableParallelism(),
      patience,
      signal,
    });
    try {
      for (;;) {
        const decoded = await ahead.take(batchSize);
        if (decoded.length === 0) return;
        onBatch?.(decoded.length);
        yield* await this.captionBatch(decoded, options);
      }
    } finally {
      ahead.close();
    }
  }

  private async decode(source: ImageSource): Promise<Decoded> {
    const found = typeof source === 'string' ? { path: source } : source;
    const image = found instanceof Uint8Array ? 'bytes' : found.path;
    try {
      if ('error' in found && found.error !== undefined) throw found.error;
      const content = found instanceof Uint8Array ? found : found.path;
      const { pixels } = await decodeImage(content, this.bundle.manifest.configuration.encoder);
      return { image, pixels };
    } catch (error) {
      return { image, error: asLegendaError(error) };
    }
  }

  private async captionBatch(
    decoded: readonly Decoded[],
    options: ResolvedCaptionOptions,
  ): Promise<CaptionRow[]> {
    const pixels = decoded.flatMap((picture) => ('pixels' in picture ? [picture.pixels] : []));
    const found = pixels.length > 0 ? await this.search(pixels, options) : [];
    let next = 0;
    return decoded.map((picture) => {
      if ('error' in picture) return failedRow(picture.image, picture.error);
      return this.writer.row(picture.image, found[next++] as FoundImageCaptions, options.rows);
    });
  }

  private async search(
    pixels: readonly Uint8Array[],
    { search, nameTags, signal }: ResolvedCaptionOptions,
  ): Promise<FoundImageCaptions[]> {
    const { configuration } = this.bundle.manifest;
    const encoded = await encode(this.sessions.encoder, pixels, configuration.encoder, this.stateNames);
    const stepper = new OnnxStepper(this.sessions.decoder, {
      vocabularySize: this.bundle.vocabulary.size,
      stateNames: this.stateNames,
      attention: search.options.attention ?? false,
      signal,
    });
    const named = nameTags === undefined ? [] : namedTags(encoded, nameTags, search, this.bundle);
    const found = await findCaptions(stepper, encoded, encoded.count, forBatch(search, pixels, named));
    return this.writer.join(encoded, found);
  }
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}
