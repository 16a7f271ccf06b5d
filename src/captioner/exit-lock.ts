/**
 * Keeps a process from ending while one of its threads is inside a native library: such a thread, stopped there, takes
 * the whole process down with `SIGABRT`. The thread holds the lock while it works; the process, about to end, waits
 * for it (no longer than a batch takes) and never gives it back.
 */
export class ExitLock {
  private readonly state: Int32Array;

  /** @param shared of another thread's lock; a new one if there is none. */
  constructor(readonly shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.state = new Int32Array(shared);
  }

  /** Does the work holding the lock, or never if the process is about to end. Not for two works at once. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (Atomics.compareExchange(this.state, 0, FREE, HELD) !== FREE) return new Promise(() => {});
    try {
      return await work();
    } finally {
      Atomics.compareExchange(this.state, 0, HELD, FREE);
      Atomics.compareExchange(this.state, 0, AWAITED, TAKEN);
      Atomics.notify(this.state, 0);
    }
  }

  /** Waits until the lock is free, and keeps it. Blocks: for a process about to end. */
  take(): void {
    while (Atomics.compareExchange(this.state, 0, FREE, TAKEN) === HELD) {
      Atomics.compareExchange(this.state, 0, HELD, AWAITED);
      if (Atomics.wait(this.state, 0, AWAITED, LONGEST_WAIT_MS) !== 'not-equal') return;
    }
  }
}

const [FREE, HELD, AWAITED, TAKEN] = [0, 1, 2, 3];

/** A thread that holds the lock longer has come to harm. */
const LONGEST_WAIT_MS = 10_000;
