import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CaptionOptions, CaptionRow, ImageSource } from '../captioner/index.js';
import { type ErrorCode, type ErrorDetails, LegendaError } from '../errors.js';

/** Images that are with the other process at once: some batches. */
const MOST_SENT = 64;

/** How long an idle process is kept, milliseconds. */
const KEPT = 30_000;

/** To the other process. */
export type ToIsolated =
  | { readonly kind: 'begin'; readonly options: CaptionOptions }
  | { readonly kind: 'image'; readonly source: ImageSource }
  | { readonly kind: 'end' };

/** From it. */
export type FromIsolated =
  | { readonly kind: 'row'; readonly row: CaptionRow }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };

/** A captioner in a process of its own: an image that ends it ends nothing else. One stream at a time. */
export class IsolatedCaptioner {
  private child: ChildProcess | undefined;
  private turn: Promise<void> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;

  /** @param directory the model's. */
  constructor(
    readonly model: string,
    private readonly directory: string,
  ) {}

  /** As `Captioner.captionAll`. The stream throws `JOB_CRASHED` when the process ends. */
  async *captionAll(
    images: AsyncIterable<ImageSource>,
    { onBatch: _, signal: __, ...options }: CaptionOptions = {},
  ): AsyncGenerator<CaptionRow, void, undefined> {
    const over = await this.enter();
    try {
      yield* this.stream(images, options);
    } finally {
      this.idle = setTimeout(() => this.close(), KEPT);
      this.idle.unref();
      over();
    }
  }

  close(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  /** Waits for the stream before. @returns lets the next begin. */
  private async enter(): Promise<() => void> {
    const before = this.turn;
    let over = () => {};
    this.turn = new Promise((resolve) => {
      over = resolve;
    });
    await before;
    return over;
  }

  private async *stream(
    images: AsyncIterable<ImageSource>,
    options: CaptionOptions,
  ): AsyncGenerator<CaptionRow, void, undefined> {
    clearTimeout(this.idle);
    const child = this.start();
    const received: FromIsolated[] = [];
    let ended: LegendaError | undefined;
    let sent = 0;
    let rows = 0;
    let wake: () => void = () => {};
    const changed = () =>
      new Promise<void>((resolve) => {
        const others = wake;
        wake = () => {
          others();
          resolve();
        };
      });
    const tell = () => {
      const woken = wake;
      wake = () => {};
      woken();
    };
    const hear = (message: FromIsolated) => {
      received.push(message);
      tell();
    };
    const end = (how: string) => {
      ended = crashed(how);
      tell();
    };
    const exit = (code: number | null, signal: string | null) =>
      end(code === null ? String(signal) : `exit code ${code}`);
    const fail = (error: Error) => end(error.message);
    const send = (message: ToIsolated) => child.send(message, () => {});
    const feed = async () => {
      for await (const source of images) {
        while (sent - rows >= MOST_SENT && ended === undefined) await changed();
        if (ended !== undefined) return;
        sent++;
        send({ kind: 'image', source });
      }
      send({ kind: 'end' });
    };
    child.on('message', hear).on('exit', exit).on('error', fail);
    try {
      send({ kind: 'begin', options });
      const fed = feed();
      fed.catch(() => {});
      for (;;) {
        const message = received.shift();
        if (message === undefined) {
          if (ended !== undefined) throw ended;
          await changed();
        } else if (message.kind === 'row') {
          rows++;
          tell();
          yield message.row;
        } else if (message.kind === 'failed') {
          throw new LegendaError(message.code, message.details);
        } else return await fed;
      }
    } finally {
      child.off('message', hear).off('exit', exit).off('error', fail);
      // Left in the middle, it would answer the next with rows of this one.
      if (received.length > 0 || rows < sent) this.close();
    }
  }

  private start(): ChildProcess {
    if (this.child !== undefined) return this.child;
    const child = fork(fileURLToPath(new URL('isolated-process.js', import.meta.url)), [this.directory], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // Also while it is idle: the next stream is to start another.
    const forget = () => {
      if (this.child === child) this.child = undefined;
    };
    child.on('exit', forget).on('error', forget);
    this.child = child;
    return child;
  }
}

function crashed(how: string): LegendaError {
  return new LegendaError('JOB_CRASHED', {
    expected: 'images that can be captioned',
    received: `one that ended the process that did (${how})`,
    advice: 'send its images one by one to find it',
  });
}
