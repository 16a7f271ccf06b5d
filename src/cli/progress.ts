import { clearLine, cursorTo } from 'node:readline';
import { MultiBar } from 'cli-progress';

/** Tells how far the work is, on standard error. */
export interface Progress {
  advance(): void;
  setTotal(total: number): void;
  /** Writes a line to standard error without breaking the bar. */
  say(line: string): void;
  stop(): void;
}

/** @param draws whether to draw a bar: only on a terminal, and where nothing else is written to it. */
export function startProgress(draws: boolean): Progress {
  if (!draws) {
    return {
      advance: () => {},
      setTotal: () => {},
      say: (line) => process.stderr.write(`${line}\n`),
      stop: () => {},
    };
  }
  const bars = new MultiBar({
    format: '{bar} {value}/{total} images, {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
    etaBuffer: 200,
    // The terminal is left as it is, so that nothing need be put right if the process ends abruptly.
    linewrap: true,
    gracefulExit: false,
  });
  const bar = bars.create(0, 0);
  return {
    advance: () => bar.increment(),
    setTotal: (total) => bar.setTotal(total),
    say: (line) => {
      // Over the bar, which is drawn again below. MultiBar's own log() loses what stands last.
      cursorTo(process.stderr, 0);
      clearLine(process.stderr, 0);
      process.stderr.write(`${line}\n`);
    },
    stop: () => bars.stop(),
  };
}
