import { availableParallelism } from 'node:os';
import type { Bundle } from '../bundle/index.js';
import { asLegendaError, type LegendaError } from '../errors.js';
import { decodeImage, type FoundImage } from '../images/index.js';
import type { Vocabulary } from '../text/index.js';
import { type CaptionRow, failedRow } from './caption-row.js';
import type { ConfidenceModel } from './confidence.js';
import { inFlight } from './in-flight.js';
import { LookAhead } from './look-ahead.js';
import type { Network, SeenImage } from './network.js';
import type { CaptionOptions } from './options.js';
import { type ResolvedCaptionOptions, resolveCaptionOptions } from './resolve-options.js';
import { RowWriter } from './row-writer.js';
import { looksAgain, requireAttention, type View, viewOf } from './view.js';

/** A picture: the path of its file, the file's bytes, or what `findImages` found. */
export type ImageSource = string | Uint8Array | FoundImage;

/** A picture ready for the network, or why there is none. */
type Decoded = { readonly image: string } & (
  | { readonly pixels: Uint8Array }
  | { readonly error: LegendaError }
);

/** What is known from calibrating a model. */
export interface Fitted {
  readonly confidence?: ConfidenceModel | undefined;
  /** Whether the network knows which words to expect. */
  readonly knowsWords?: boolean;
}

/** A model that captions pictures. Made by `loadCaptioner`. */
export class Captioner {
  private readonly writer: RowWriter;

  /** @param fitted what calibrating the model has found, if it was calibrated. */
  constructor(
    private readonly bundle: Bundle,
    private readonly network: Network,
    private readonly fitted: Fitted = {},
  ) {
    this.writer = new RowWriter(bundle, fitted.confidence);
  }

  /** The model's name. */
  get model(): string {
    return this.bundle.manifest.name;
  }

  /** BCP 47 tag of its captions. */
  get language(): string {
    return this.bundle.manifest.language;
  }

  /** The words that it can write. */
  get vocabulary(): Vocabulary {
    return this.bundle.vocabulary;
  }

  /** How it sees a photo. @throws `BUNDLE_VERSION` for some models of version 0.1.0. */
  get view(): View {
    return viewOf(this.bundle.manifest);
  }

  /** Whether it chooses, for each word, where in the photo to look, so that `attention` can be asked for. */
  get looksAgain(): boolean {
    return looksAgain(this.bundle.manifest);
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
    const resolved = resolveCaptionOptions(options, this.bundle, this.fitted.knowsWords ?? false);
    if (options.attention === true) requireAttention(this.bundle.manifest);
    return this.captionBatches(images, resolved);
  }

  /** Frees the network's memory and ends its threads, once the batches under way are done. */
  close(): Promise<void> {
    return this.network.close();
  }

  private async *captionBatches(
    images: AsyncIterable<ImageSource>,
    options: ResolvedCaptionOptions,
  ): AsyncGenerator<CaptionRow, void, undefined> {
    const { batchSize, patience, onBatch, signal } = options;
    const ahead = new LookAhead(images, (image) => this.decode(image), {
      limit: 2 * batchSize,
      concurrency: 2 * availableParallelism(),
      patience,
      signal,
    });
    try {
      const batches = inFlight({
        take: () => ahead.take(batchSize),
        work: (decoded: readonly Decoded[]) => {
          onBatch?.(decoded.length);
          return this.captionBatch(decoded, options);
        },
        capacity: this.network.capacity,
        signal,
      });
      for await (const rows of batches) yield* rows;
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
    { search, nameTags, expectedWords, rows, signal }: ResolvedCaptionOptions,
  ): Promise<CaptionRow[]> {
    const pixels = decoded.flatMap((picture) => ('pixels' in picture ? [picture.pixels] : []));
    const wanted = { search, nameTags, expectedWords };
    const seen = pixels.length > 0 ? await this.network.see(pixels, wanted, signal) : [];
    let next = 0;
    return decoded.map((picture) => {
      if ('error' in picture) return failedRow(picture.image, picture.error);
      return this.writer.row(picture.image, seen[next++] as SeenImage, rows);
    });
  }
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}
