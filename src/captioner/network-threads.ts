import { asLegendaError } from '../errors.js';
import { closedError, type Network, type NetworkModel, type SeenImage, type Wanted } from './network.js';
import { NetworkThread } from './network-thread.js';

interface Batch {
  readonly pixels: readonly Uint8Array[];
  readonly wanted: Wanted;
  resolve(images: SeenImage[]): void;
  reject(reason: unknown): void;
}

/**
 * Runs the network on threads, a batch on each at a time, while the thread that calls it is free. The first is there from
 * the start; more are started when batches wait for them, so that few pictures do not pay for many threads.
 */
export class NetworkThreads implements Network {
  /** One more than threads, so that none waits for its next. */
  readonly capacity: number;
  private readonly queue: Batch[] = [];
  private threads: NetworkThread[] = [];
  private opening = 0;
  private closed = false;

  private constructor(
    private readonly limit: number,
    private readonly model: NetworkModel,
  ) {
    this.capacity = limit + 1;
  }

  /**
   * @param limit how many threads at most.
   * @param first a thread that was started already, to save time.
   * @throws `BUNDLE_BROKEN`
   */
  static async open(limit: number, model: NetworkModel, first: NetworkThread): Promise<NetworkThreads> {
    const threads = new NetworkThreads(limit, model);
    await threads.add(first);
    return threads;
  }

  async see(pixels: readonly Uint8Array[], wanted: Wanted, signal?: AbortSignal): Promise<SeenImage[]> {
    if (this.closed) throw closedError();
    signal?.throwIfAborted();
    const { promise, resolve, reject } = withResolvers<SeenImage[]>();
    const batch = { pixels, wanted, resolve, reject };
    // A thread at work does not hear of it: its batch ends soon, and nobody waits for it.
    const abort = () => {
      if (this.queue.includes(batch)) this.queue.splice(this.queue.indexOf(batch), 1);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    this.queue.push(batch);
    this.handOut();
    return promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { reject } of this.queue.splice(0)) reject(closedError());
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  private handOut(): void {
    this.threads = this.threads.filter(({ alive }) => alive);
    for (const thread of this.threads) {
      if (!thread.idle) continue;
      const batch = this.queue.shift();
      if (batch === undefined) return;
      void this.run(thread, batch);
    }
    // The batch that is next in turn waits no longer than a thread takes to start, if there is one to wait for.
    const patient = this.threads.length > 0 ? 1 : 0;
    const wanted = Math.min(this.queue.length - patient, this.limit - this.threads.length) - this.opening;
    for (let i = 0; i < wanted; i++) void this.start();
  }

  private async run(thread: NetworkThread, { pixels, wanted, resolve, reject }: Batch): Promise<void> {
    try {
      resolve(await thread.see(pixels, wanted));
    } catch (error) {
      reject(error);
    }
    this.handOut();
  }

  /** One more thread; if there cannot be, those that there are do all. */
  private async start(): Promise<void> {
    this.opening++;
    try {
      await this.add(new NetworkThread());
    } catch (error) {
      if (this.threads.length > 0) return;
      for (const { reject } of this.queue.splice(0)) reject(asLegendaError(error));
    } finally {
      this.opening--;
    }
    this.handOut();
  }

  private async add(thread: NetworkThread): Promise<void> {
    try {
      await thread.open(this.model);
    } catch (error) {
      await thread.close();
      throw error;
    }
    if (this.closed) await thread.close();
    else this.threads.push(thread);
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
}
