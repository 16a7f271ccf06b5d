/** Why the work ended early: the signal that asked for it. */
export class Interrupted extends Error {
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
  }
}

export const INTERRUPTED = 130;

/**
 * A signal that Ctrl-C (SIGINT) and SIGTERM abort with {@link Interrupted}, so that the work can end between two lines
 * of output. A second one ends the process at once.
 */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort(new Interrupted(name));
    });
  }
  return controller.signal;
}
