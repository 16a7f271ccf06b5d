import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Graphs, graphsOf } from '../bundle/graph-files.js';
import { type ErrorCode, type ErrorDetails, LegendaError } from '../errors.js';
import '../no-telemetry.js';
import { ExitLock } from './exit-lock.js';
import type { NetworkModel, SeenImage, Wanted } from './network.js';

/** What a thread is told. It answers each but the last. */
export type Order =
  /** It opens the graphs that it will probably be told to. */
  | { readonly kind: 'expect'; readonly graphs: Graphs }
  | { readonly kind: 'open'; readonly model: NetworkModel }
  /** @param pixels `[count, height, width, 3]`. */
  | { readonly kind: 'see'; readonly pixels: Uint8Array; readonly count: number; readonly wanted: Wanted }
  | { readonly kind: 'close' };

export type Answer =
  /** To `expect` and `open`. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'seen'; readonly images: SeenImage[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };

// Tests run the sources, which a thread cannot: theirs runs what was built of them.
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../dist/captioner/' : './', import.meta.url);

/** More take memory, about 80 MiB each, and find no files decoded: those are read by four threads. */
const MOST_THREADS = 8;

/** Threads that a captioner has unless it is told otherwise: one a core. */
export function threadsHere(): number {
  return Math.min(availableParallelism(), MOST_THREADS);
}

/**
 * Room for a thread's young objects. Of itself it grows to 48 MB within a thousand pictures, all of it garbage: two threads
 * then take 75 MB more in all, and no less time.
 */
const YOUNG_MB = 12;

/** Of the threads that there are. */
const locks = new Set<ExitLock>();
process.on('exit', () => {
  for (const lock of locks) lock.take();
});

/** A thread with a network of its own, for one batch at a time. It keeps the process alive only while it works. */
export class NetworkThread {
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private waiting: { resolve(answer: Answer): void; reject(error: LegendaError): void } | undefined;
  private crash: LegendaError | undefined;
  private closing = false;
  /** Done when it has opened graphs ahead. */
  private ahead: Promise<void> | undefined;
  private static started: NetworkThread | undefined;

  /**
   * Starts a thread for the captioner that is loaded next, which opens its graphs while the program still reads what else it
   * needs. One that is not fetched ends with the program.
   * @returns when they are open, or cannot be: whoever opens the model hears of that.
   */
  static startAhead(modelDirectory: string): Promise<void> {
    const thread = NetworkThread.started ?? new NetworkThread();
    NetworkThread.started = thread;
    thread.ahead ??= thread.send({ kind: 'expect', graphs: graphsOf(modelDirectory) }).then(
      () => {},
      () => {},
    );
    return thread.ahead;
  }

  /** The thread that was started ahead, or a new one. */
  static startedOrNew(): NetworkThread {
    const thread = NetworkThread.started ?? new NetworkThread();
    NetworkThread.started = undefined;
    return thread;
  }

  constructor() {
    const lock = new ExitLock();
    locks.add(lock);
    // The process' own flags may name files to load first, which are not for this thread.
    this.worker = new Worker(new URL('network-worker.js', FOLDER), {
      execArgv: [],
      workerData: lock.shared,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.worker.on('message', (answer: Answer) => this.settle()?.resolve(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        locks.delete(lock);
        this.fail(new Error(`exit code ${code}`));
        resolve();
      });
    });
    // Behind the listeners, since to listen for messages keeps the process alive.
    this.worker.unref();
  }

  /** Whether it can be sent a batch now. */
  get idle(): boolean {
    return this.alive && this.waiting === undefined;
  }

  /** False once it has crashed or ended. */
  get alive(): boolean {
    return this.crash === undefined;
  }

  /** @throws `BUNDLE_BROKEN`, `INTERNAL` if the thread ends. */
  async open(model: NetworkModel): Promise<void> {
    await this.ahead;
    await this.send({ kind: 'open', model });
  }

  /** @param pixels RGB, `[height, width, 3]` each. @throws `INTERNAL` if the thread ends. */
  async see(pixels: readonly Uint8Array[], wanted: Wanted): Promise<SeenImage[]> {
    const moved = joined(pixels);
    const order = { kind: 'see', pixels: moved, count: pixels.length, wanted } as const;
    const answer = await this.send(order, [moved.buffer]);
    return answer.kind === 'seen' ? answer.images : [];
  }

  /** Ends it, after its batch. */
  async close(): Promise<void> {
    this.closing = true;
    this.worker.ref();
    this.worker.postMessage({ kind: 'close' } satisfies Order);
    await this.ended;
  }

  private async send(order: Order, moved: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.crash !== undefined) throw this.crash;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker.ref();
      this.worker.postMessage(order, moved);
    });
    if (answer.kind === 'failed') throw new LegendaError(answer.code, answer.details);
    return answer;
  }

  /** Whoever waits for an answer, who from now on does not. */
  private settle() {
    const { waiting } = this;
    this.waiting = undefined;
    // Whoever closes it waits for its end, also where an answer still comes before that.
    if (!this.closing) this.worker.unref();
    return waiting;
  }

  private fail(cause: unknown): void {
    this.crash ??= new LegendaError('INTERNAL', {
      received: `a thread of the network that ended (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    });
    this.settle()?.reject(this.crash);
  }
}

/** Pictures in memory that can be given away. */
function joined(pixels: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pixels.reduce((length, image) => length + image.length, 0));
  let offset = 0;
  for (const image of pixels) {
    all.set(image, offset);
    offset += image.length;
  }
  return all;
}
