import type { CaptionRow, ImageSource } from '../captioner/index.js';

/** An image that waits for its row. */
interface Waiting {
  readonly source: ImageSource;
  readonly resolve: (row: CaptionRow) => void;
  readonly reject: (reason: unknown) => void;
}

/** Whose images: any object, the same for all images of a caller. */
export type Caller = object;

/**
 * The images that have the same options. They go through the captioner as one stream, so that those of different callers share
 * batches; callers take turns, an image each.
 */
export class Lane {
  /** Those whose turn comes first stand first. */
  private readonly callers = new Map<Caller, Waiting[]>();
  private readonly inFlight: Waiting[] = [];
  private changed: () => void = () => {};
  /** Counts runs that are over. */
  private runs = 0;

  /** @param open starts a stream of the captioner: a row for each image, in their order. */
  constructor(private readonly open: (images: AsyncIterable<ImageSource>) => AsyncIterable<CaptionRow>) {}

  /** Whether images wait for their turn. */
  get hasWaiting(): boolean {
    return this.callers.size > 0;
  }

  /** The row of an image. Rejects only where the captioner itself fails. */
  add(caller: Caller, source: ImageSource): Promise<CaptionRow> {
    const row = new Promise<CaptionRow>((resolve, reject) => {
      const waiting = { source, resolve, reject };
      const others = this.callers.get(caller);
      if (others === undefined) this.callers.set(caller, [waiting]);
      else others.push(waiting);
    });
    this.changed();
    return row;
  }

  /** Forgets a caller's images that have not had their turn: nobody waits for their rows. */
  drop(caller: Caller): void {
    this.callers.delete(caller);
  }

  /**
   * Captions what waits, and what comes meanwhile.
   * @param mayGoOn asked before each further image: when it says no, those under way are finished and the others left waiting.
   */
  async run(mayGoOn: (taken: number) => boolean): Promise<void> {
    try {
      for await (const row of this.open(this.takeTurns(mayGoOn))) {
        this.inFlight.shift()?.resolve(row);
        if (this.inFlight.length === 0) this.changed();
      }
    } catch (error) {
      for (const { reject } of this.inFlight.splice(0)) reject(error);
    } finally {
      // A run that failed may leave its turns waiting: they must not take what comes for the next.
      this.runs++;
      this.changed();
    }
  }

  private async *takeTurns(
    mayGoOn: (taken: number) => boolean,
  ): AsyncGenerator<ImageSource, void, undefined> {
    const { runs } = this;
    for (let taken = 0; runs === this.runs && mayGoOn(taken); ) {
      const next = this.next();
      if (next !== undefined) {
        taken++;
        this.inFlight.push(next);
        yield next.source;
      } else if (this.inFlight.length > 0) {
        await new Promise<void>((resolve) => {
          this.changed = resolve;
        });
      } else {
        return;
      }
    }
  }

  private next(): Waiting | undefined {
    const [first] = this.callers;
    if (first === undefined) return undefined;
    const [caller, images] = first;
    const next = images.shift();
    this.callers.delete(caller);
    if (images.length > 0) this.callers.set(caller, images);
    return next;
  }
}
