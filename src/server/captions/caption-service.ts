import type { CaptionRow, View } from '../../captioner/index.js';
import type { CaptionJob, CaptionJobImage } from '../../jobs/contract.js';

/** An image of a request: as a job has it, or its bytes. */
export type AskedImage = CaptionJobImage | { readonly id?: string | undefined; readonly bytes: Uint8Array };

export interface CaptionQuestion {
  readonly images: readonly AskedImage[];
  /** A model's name; the first if none is given. */
  readonly model?: string | undefined;
  readonly options?: CaptionJob['options'];
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
   * @throws `MODEL_UNKNOWN`; `CONFIGURATION_INVALID`; `QUEUE_FULL`; the signal's reason when nobody waits any more.
   */
  caption(question: CaptionQuestion, signal: AbortSignal): Promise<CaptionRow[]>;
  close(): Promise<void>;
}
