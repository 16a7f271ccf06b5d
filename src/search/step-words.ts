import type { StepOutput } from './stepper.js';

/** The words of one step with their log-probabilities, whichever of them the network gave. */
export class StepWords {
  /** `[rows, width]`. */
  readonly logProbabilities: Float32Array;
  /** The words of `logProbabilities`, likeliest first; undefined where they are the vocabulary in its order. */
  readonly tokens: Int32Array | undefined;
  readonly width: number;
  private readonly named: Float32Array | undefined;
  private readonly preferred: Float32Array | undefined;

  /** @param names the words asked for by name. */
  constructor(
    output: StepOutput<unknown>,
    rowCount: number,
    private readonly names: Int32Array | undefined,
  ) {
    this.logProbabilities = output.logProbabilities;
    this.tokens = output.tokens;
    this.named = output.named;
    this.preferred = output.preferred;
    this.width = output.logProbabilities.length / rowCount;
  }

  /** A word's log-probability; −∞ if it is neither among the likeliest given nor asked for by name. */
  of(row: number, token: number): number {
    const { logProbabilities, tokens, width } = this;
    const offset = row * width;
    if (tokens === undefined) return logProbabilities[offset + token]!;
    const column = this.names?.indexOf(token) ?? -1;
    if (column !== -1 && this.named !== undefined) return this.named[row * this.names!.length + column]!;
    for (let place = offset; place < offset + width; place++) {
      if (tokens[place] === token) return logProbabilities[place]!;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** What of a word's log-probability is not the network's own. */
  preferredOf(row: number, token: number): number {
    const { preferred, tokens, width } = this;
    if (preferred === undefined) return 0;
    const offset = row * width;
    if (tokens === undefined) return preferred[offset + token]!;
    const place = tokens.subarray(offset, offset + width).indexOf(token);
    return place === -1 ? 0 : preferred[offset + place]!;
  }
}
