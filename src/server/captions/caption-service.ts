import type { CaptionOptions, CaptionRow, View } from '../../captioner/index.js';

/** An image of a request: its bytes, or where the bytes are. */
export type AskedImage = { readonly id?: string | undefined } & (
  | { readonly bytes: Uint8Array }
  | { readonly base64: string }
  | { readonly path: string }
  | { readonly url: string }
);

export interface CaptionQuestion {
  readonly images: readonly AskedImage[];
  /** A model's name; the first if none is given. */
  readonly model?: string | undefined;
  readonly options?: CaptionOptions | undefined;
}

/** A model as `GET /v1/models` tells of it. */
export interface ServedModel {
  readonly name: string;
  /** How it sees a photo: what is needed to draw where it looked. */
  readonly view: View;
}

/** What captions images for the server. */
export interface CaptionService {
  readonly models: readonly ServedModel[];
  /**
   * A row for each image, in their order.
   * @throws `MODEL_UNKNOWN`; `CONFIGURATION_INVALID`; `OVERLOADED`; the signal's reason when nobody waits any more.
   */
  caption(question: CaptionQuestion, signal: AbortSignal): Promise<CaptionRow[]>;
  close(): Promise<void>;
}
