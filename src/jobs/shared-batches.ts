import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import {
  type Captioner,
  type CaptionRow,
  failedRow,
  type ImageSource,
  MOST_IMAGES,
} from '../captioner/index.js';
import { asLegendaError, LegendaError } from '../errors.js';
import type { JobOptions } from './contract.js';
import { type Caller, Lane } from './lane.js';
import { orAborted } from './or-aborted.js';

/** An image, or its row where that is known already. */
export type Opened = ImageSource | { readonly row: CaptionRow };

/** An image of a job or a request. */
export interface BatchImage {
  /** What its row calls it. */
  readonly name: string;
  /** Where it is, or its bytes; asked for shortly before its turn. What it throws stands in the image's row. */
  readonly open: (signal: AbortSignal) => Opened | Promise<Opened>;
  /** Called with its row when that is made, without when nobody wants it any more; only if it was opened. */
  readonly close?: (row?: CaptionRow) => void;
}

export interface BatchRequest {
  readonly options?: JobOptions | undefined;
  /** Takes back what is still waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Is given each row as soon as it and all before it are made. */
  readonly onRow?: ((row: CaptionRow, index: number) => void) | undefined;
}

export interface BatchLimits {
  /** Images that run through the network at once. @defaultValue as many as the captioner takes by itself for the options */
  readonly batchSize?: number;
  /** The most images of all callers that may wait. @defaultValue 10,000 */
  readonly mostWaiting?: number;
  /** Is told of every batch how many images it has. */
  readonly onBatch?: (images: number) => void;
}

/** What went through so far, and what is there now. */
export interface BatchCounts {
  readonly batches: number;
  readonly images: number;
  /** Images of all callers whose rows are not made yet. */
  readonly waiting: number;
}

/** Option sets whose streams run at once: one reads images while the other has the network. */
const LANES_AT_ONCE = 2;

/**
 * Groups the images of callers that know nothing of each other into batches of one captioner. A batch is whatever waits with the
 * same options when the network is free: nothing waits for more to come. Callers take turns, and so do sets of options.
 */
export class SharedBatches {
  private readonly batchSize: number | undefined;
  private readonly mostWaiting: number;
  private readonly onBatch: BatchLimits['onBatch'];
  /** By their options, those that wait longest for a turn first. */
  private readonly lanes = new Map<string, Lane>();
  private readonly running = new Set<Lane>();
  private batches = 0;
  private images = 0;
  private waiting = 0;

  constructor(
    private readonly captioner: Pick<Captioner, 'captionAll' | 'model'>,
    { batchSize, mostWaiting = 10_000, onBatch }: BatchLimits = {},
  ) {
    this.batchSize = batchSize;
    this.mostWaiting = mostWaiting;
    this.onBatch = onBatch;
  }

  /** The model's name. */
  get model(): string {
    return this.captioner.model;
  }

  /** Images of a batch at most. */
  private get largest(): number {
    return this.batchSize ?? MOST_IMAGES;
  }

  get counts(): BatchCounts {
    return { batches: this.batches, images: this.images, waiting: this.waiting };
  }

  /**
   * A row for each image, in their order. An image that cannot be captioned has a row with its error.
   * @throws `CONFIGURATION_INVALID` for options that do not fit, `QUEUE_FULL` when too many images wait already; the signal's
   *   reason when it is aborted.
   */
  async caption(images: readonly BatchImage[], request: BatchRequest = {}): Promise<CaptionRow[]> {
    const { options = {}, onRow } = request;
    request.signal?.throwIfAborted();
    this.requireValid(options);
    this.reserve(images.length);
    const leave = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, leave.signal]) : leave.signal;
    // Each image of the window listens to it.
    setMaxListeners(0, signal);
    const caller: Caller = {};
    const rows: CaptionRow[] = [];
    try {
      const made: Promise<CaptionRow>[] = [];
      for (const index of images.keys()) {
        // A batch runs on each core, two are being read, and one whose rows are all taken before the next is filled up.
        const until = Math.min(images.length, index + (availableParallelism() + 3) * this.largest);
        while (made.length < until) {
          const row = this.captionOne(images[made.length] as BatchImage, caller, options, signal);
          // Each is waited for below, but perhaps only after an earlier one has failed.
          row.catch(() => {});
          made.push(row);
        }
        const row = await orAborted(made[index] as Promise<CaptionRow>, signal);
        rows.push(row);
        this.waiting--;
        onRow?.(row, index);
      }
      return rows;
    } finally {
      leave.abort();
      this.waiting -= images.length - rows.length;
      for (const lane of this.lanes.values()) lane.drop(caller);
    }
  }

  private async captionOne(
    { name, open, close }: BatchImage,
    caller: Caller,
    options: JobOptions,
    signal: AbortSignal,
  ): Promise<CaptionRow> {
    let opened: Opened;
    try {
      opened = await open(signal);
    } catch (error) {
      return failedRow(name, asLegendaError(error));
    }
    let row: CaptionRow | undefined;
    try {
      signal.throwIfAborted();
      const made = await orAborted(this.rowOf(opened, caller, options), signal);
      row = { ...made, image: name };
      return row;
    } finally {
      close?.(row);
    }
  }

  private async rowOf(opened: Opened, caller: Caller, options: JobOptions): Promise<CaptionRow> {
    if (typeof opened === 'object' && 'row' in opened) return opened.row;
    const row = this.laneOf(options).add(caller, opened);
    this.runLanes();
    return row;
  }

  private requireValid(options: JobOptions): void {
    // Checks its options when it is called, and begins only when it is asked for a row.
    this.captioner.captionAll(none(), options);
  }

  private reserve(images: number): void {
    if (this.waiting + images > this.mostWaiting) {
      throw new LegendaError('QUEUE_FULL', {
        expected: `at most ${this.mostWaiting} images waiting at once`,
        received: `${images} beside ${this.waiting} that wait already`,
        advice: 'try again in a while, or with fewer',
      });
    }
    this.waiting += images;
  }

  private laneOf(options: JobOptions): Lane {
    const key = JSON.stringify(Object.entries(options).sort());
    const found = this.lanes.get(key);
    if (found !== undefined) return found;
    const lane = new Lane((images) =>
      this.captioner.captionAll(images, {
        ...options,
        batchSize: this.batchSize,
        patience: 0,
        onBatch: (images) => {
          this.batches++;
          this.images += images;
          this.onBatch?.(images);
        },
      }),
    );
    this.lanes.set(key, lane);
    return lane;
  }

  private runLanes(): void {
    for (const [key, lane] of this.lanes) {
      if (this.running.size >= LANES_AT_ONCE) return;
      if (this.running.has(lane)) continue;
      this.running.add(lane);
      void lane
        .run((taken) => taken < 2 * this.largest || this.lanes.size <= this.running.size)
        .then(() => {
          this.running.delete(lane);
          // To the back, where it still has images.
          this.lanes.delete(key);
          if (lane.hasWaiting) this.lanes.set(key, lane);
          this.runLanes();
        });
    }
  }
}

async function* none(): AsyncGenerator<never, void, undefined> {}
