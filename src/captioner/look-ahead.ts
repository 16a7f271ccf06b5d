export interface LookAheadOptions {
  /** How many results may be waiting or in the making. */
  readonly limit: number;
  /** How many may be in the making at once. */
  readonly concurrency: number;
  /** How long `take` waits on a silent source while it holds a result that it could return; milliseconds. */
  readonly patience: number;
  /** Ends all waiting: `take` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works ahead on a source's items, so that work on the next overlaps whatever is done with the last. The results keep
 * the source's order, and as many as wait at most, so that memory does not grow with the source.
 */
export class LookAhead<Item, Result> {
  private readonly iterator: AsyncIterator<Item>;
  /** In the order of the source; an empty place is in the making. */
  private readonly places: { result?: Result }[] = [];
  private working = 0;
  private pulling = false;
  private ended = false;
  private failure: { readonly reason: unknown } | undefined;
  private wake: () => void = () => {};

  /** @param work turns an item into a result, of which a failure is one: it must not reject. */
  constructor(
    source: AsyncIterable<Item>,
    private readonly work: (item: Item) => Promise<Result>,
    private readonly options: LookAheadOptions,
  ) {
    this.iterator = source[Symbol.asyncIterator]();
    options.signal?.addEventListener('abort', this.abort);
    if (options.signal?.aborted) this.abort();
    this.pull();
  }

  /**
   * The next results: `count`; fewer where the source ends or is silent; none after its end.
   * @throws what the source threw, once all results before it are taken; the signal's reason at once.
   */
  async take(count: number): Promise<Result[]> {
    for (;;) {
      this.options.signal?.throwIfAborted();
      const ready = this.ready(count);
      const silent = ready === this.places.length;
      if (ready === count || (silent && this.ended)) {
        if (ready === 0 && this.failure) throw this.failure.reason;
        return this.remove(ready);
      }
      const changed = await this.change(silent && ready > 0 ? this.options.patience : undefined);
      if (!changed) return this.remove(ready);
    }
  }

  /** Asks the source for nothing more. Needed only before its end. */
  close(): void {
    this.options.signal?.removeEventListener('abort', this.abort);
    if (this.ended) return;
    this.ended = true;
    // A source that is waiting, for a person's next line perhaps, answers only after that: nobody waits for it.
    this.iterator.return?.().catch(() => {});
  }

  private readonly abort = (): void => {
    this.close();
    this.wake();
  };

  private ready(count: number): number {
    const unfinished = this.places.findIndex((place) => !('result' in place));
    return Math.min(count, unfinished === -1 ? this.places.length : unfinished);
  }

  private remove(count: number): Result[] {
    const taken = this.places.splice(0, count).map((place) => place.result as Result);
    this.pull();
    return taken;
  }

  /** Waits for anything to happen. @returns false if nothing did for as long as `patience`. */
  private change(patience: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = patience === undefined ? undefined : setTimeout(() => resolve(false), patience);
      this.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  private pull(): void {
    const { limit, concurrency } = this.options;
    if (this.pulling || this.ended || this.places.length >= limit || this.working >= concurrency) return;
    this.pulling = true;
    this.iterator.next().then(
      ({ done, value }) => {
        this.pulling = false;
        if (done) this.ended = true;
        else if (!this.ended) this.begin(value);
        this.pull();
        this.wake();
      },
      (reason: unknown) => this.fail(reason),
    );
  }

  private begin(item: Item): void {
    const place: { result?: Result } = {};
    this.places.push(place);
    this.working++;
    void this.work(item).then((result) => {
      this.working--;
      place.result = result;
      this.pull();
      this.wake();
    });
  }

  private fail(reason: unknown): void {
    this.failure ??= { reason };
    this.close();
    this.wake();
  }
}
