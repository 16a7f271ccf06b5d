export interface InFlightOptions<Item, Result> {
  /** The next lot; an empty one after the last. Not asked again before it has answered. */
  readonly take: () => Promise<readonly Item[]>;
  readonly work: (lot: readonly Item[]) => Promise<Result>;
  /** How many lots are worked on at once. */
  readonly capacity: number;
  /** Ends it: its reason is thrown. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Works on several lots at once, and gives their results in the lots' order, each as soon as it and those before are there.
 * @throws what `take` throws, once all results before it are given; what `work` throws, in its result's place.
 */
export async function* inFlight<Item, Result>({
  take,
  work,
  capacity,
  signal,
}: InFlightOptions<Item, Result>): AsyncGenerator<Result, void, undefined> {
  const working: Promise<Result>[] = [];
  let taking: Promise<{ lot: readonly Item[] } | { reason: unknown }> | undefined;
  let end: { reason?: unknown } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    if (end === undefined && working.length < capacity) {
      taking ??= take().then(
        (lot) => ({ lot }),
        (reason: unknown) => ({ reason }),
      );
    }
    const [first] = working;
    if (first === undefined && taking === undefined) {
      if (end !== undefined && 'reason' in end) throw end.reason;
      return;
    }
    // A lot that does not come holds no result back; one that is there is begun before results are given.
    const turns = [taking, first?.then(() => undefined)].filter((turn) => turn !== undefined);
    const taken = await Promise.race(turns);
    if (taken === undefined) {
      working.shift();
      yield first as Promise<Result>;
      continue;
    }
    taking = undefined;
    if ('reason' in taken || taken.lot.length === 0) end = 'reason' in taken ? taken : {};
    else {
      const result = work(taken.lot);
      // Told when its turn comes, or not at all if nobody asks any more.
      result.catch(() => {});
      working.push(result);
    }
  }
}
