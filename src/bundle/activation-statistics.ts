import type { Range } from './quantisation.js';

const BINS = 2048;

/** Shares of the whole range that are tried as ranges: what is clipped costs less than finer steps bring. */
const SHARES = Array.from({ length: 41 }, (_, step) => 1 - step / 50);

/** What int8 needs to know of an activation: its range, and the mean of each channel. */
export interface Activation {
  readonly range: Range;
  readonly means: Float32Array;
}

/** Collects an activation's values, batch after batch, in a histogram that grows with them. */
export class ActivationStatistics {
  private readonly counts = new Float64Array(BINS);
  /** The histogram reaches from −reach to reach. */
  private reach = 2 ** -10;
  private minimum = 0;
  private maximum = 0;
  private sums: Float64Array | undefined;
  private perChannel = 0;

  /** @param values `[images, channels, …]`. */
  add(values: Float32Array, [images = 1, channels = 1]: readonly number[]): void {
    const cells = values.length / images / channels;
    this.sums ??= new Float64Array(channels);
    this.perChannel += images * cells;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < this.minimum) this.minimum = value;
      else if (value > this.maximum) this.maximum = value;
    }
    while (Math.max(this.maximum, -this.minimum) >= this.reach) this.widen();
    const scale = BINS / (2 * this.reach);
    for (let row = 0, i = 0; row < images * channels; row++) {
      let sum = 0;
      for (let cell = 0; cell < cells; cell++, i++) {
        const value = values[i]!;
        sum += value;
        this.counts[Math.floor((value + this.reach) * scale)]!++;
      }
      this.sums[row % channels]! += sum;
    }
  }

  /** Each channel's mean, and the range in which eight bits give the values with the least squared error. */
  summary(): Activation {
    const means = Float32Array.from(this.sums ?? [], (sum) => sum / this.perChannel);
    let best: Range = { minimum: this.minimum, maximum: this.maximum };
    // One end after the other, twice: the ends hardly depend on each other.
    for (let round = 0; round < 2; round++) {
      const { minimum, maximum } = best;
      best = this.best(SHARES.map((share) => ({ minimum, maximum: share * this.maximum })));
      const { maximum: above } = best;
      best = this.best(SHARES.map((share) => ({ minimum: share * this.minimum, maximum: above })));
      if (minimum === best.minimum && maximum === best.maximum) break;
    }
    return { range: best, means };
  }

  private best(ranges: readonly Range[]): Range {
    const errors = ranges.map((range) => this.error(range));
    return ranges[errors.indexOf(Math.min(...errors))] as Range;
  }

  /** Of rounding within the range and of clipping to it. */
  private error({ minimum, maximum }: Range): number {
    const rounding = ((maximum - minimum) / 255) ** 2 / 12;
    const width = (2 * this.reach) / BINS;
    let error = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const value = (bin + 0.5) * width - this.reach;
      const beyond = Math.max(value - maximum, minimum - value, 0);
      error += this.counts[bin]! * (beyond > width ? beyond ** 2 : rounding);
    }
    return error;
  }

  private widen(): void {
    const { counts } = this;
    const halves = Float64Array.from(
      { length: BINS / 2 },
      (_, bin) => counts[2 * bin]! + counts[2 * bin + 1]!,
    );
    counts.fill(0).set(halves, BINS / 4);
    this.reach *= 2;
  }
}
