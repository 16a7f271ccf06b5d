import { MultiBar } from 'cli-progress';

/** Tells how far the work is, on standard error. */
export interface Progress {
  advance(): void;
  setTotal(total: number): void;
  /** Writes a line to standard error without breaking the bar. */
  say(line: string): void;
  stop(): void;
}

/** @param bar whether to draw a bar: only on a terminal, and where nothing else is written to it. */
export function startProgress(bar: boolean): Progress {
  if (!bar) {
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
    gracefulExit: false,
  });
  const drawn = bars.create(0, 0);
  return {
    advance: () => drawn.increment(),
    setTotal: (total) => drawn.setTotal(total),
    say: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}
