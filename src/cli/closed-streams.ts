/** Ends the wait of whoever writes to standard output when its reader is gone (`legenda … | head -1`). */
const outputClosed = new AbortController();

/** Aborted when nobody reads standard output any more. */
export const outputClosedSignal: AbortSignal = outputClosed.signal;

/** Whether standard output was lost though its reader was there: a full disk. */
export function outputFailed(): boolean {
  const { aborted, reason } = outputClosed.signal;
  return aborted && (reason as NodeJS.ErrnoException).code !== 'EPIPE';
}

/** Lets the process live on when the reader of its output goes away; see {@link outputClosedSignal}. */
export function ignoreClosedStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`legenda: ${error.message}\n`);
    outputClosed.abort(error);
  });
  process.stderr.on('error', () => {});
}

/** Waits until everything written has left the process. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.destroyed || stream.errored) continue;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  }
}
