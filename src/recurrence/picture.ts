import type { LinePlot } from './line-plot.js';

/** A plot, its numbers, and what it shows in a sentence or two. */
export interface Picture extends LinePlot {
  readonly explanation: string;
  readonly lines: readonly MeasuredLine[];
}

export interface MeasuredLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Of all weights together, before clipping. */
  readonly weightGradientNorm?: number;
  /** The same after clipping as the network is configured to. */
  readonly clippedNorm?: number;
}

/** What `legenda diagnose gradients` finds, as its JSON says it. */
export interface GradientReport {
  readonly title: string;
  /** What was measured and on what. */
  readonly subject: string;
  readonly pictures: readonly Picture[];
}

/** Three significant digits, in powers of ten where that is shorter. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 0.001 && size < 10_000) return String(Number(value.toPrecision(3)));
  return value.toExponential(1).replace('e+', 'e');
}
