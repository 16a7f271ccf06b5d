import type { Rows } from './rows.js';
import type { Hypothesis } from './stepper.js';

/** A caption that reached its end: a row of the captions under way after `words` steps. */
export interface Finished {
  readonly words: number;
  readonly row: number;
  readonly logProbability: number;
  readonly score: number;
  readonly ended: boolean;
}

interface TracedStep {
  readonly parents: Int32Array;
  readonly tokens: Int32Array;
  readonly attention: Float32Array | undefined;
  /** The log-probability of each row's caption so far. */
  readonly totals: Float64Array | undefined;
  /** What of that is not the network's own. */
  readonly preferred: Float64Array;
  readonly rowsBefore: number;
}

/** What was written, step by step, as back-pointers: no caption is copied while it is under way. */
export class Trace {
  private readonly steps: TracedStep[] = [];

  /**
   * @param rows those after the step, trimmed.
   * @param attention `[rowsBefore, gridCells]`, if it is to be kept.
   * @param keepTotals whether to keep what each word cost.
   */
  add(rows: Rows, attention: Float32Array | undefined, keepTotals: boolean, rowsBefore: number): void {
    const { parents, tokens, totals, preferred } = rows;
    const kept = keepTotals ? totals : undefined;
    this.steps.push({ parents, tokens, attention, totals: kept, preferred, rowsBefore });
  }

  /** The words of a caption under way, without the start token. */
  wordsOf(row: number): number[] {
    return this.tokensOf(row, this.steps.length);
  }

  /** The finished caption, read back from its last word to its first, with the network's own log-probabilities. */
  read(finished: Finished): Hypothesis {
    const { score, ended } = finished;
    const attention: Float32Array[] = [];
    const totals: number[] = [];
    const tokens = this.tokensOf(finished.row, finished.words, (step, row, parent, position) => {
      if (step.totals !== undefined) totals[position] = step.totals[row]! - step.preferred[row]!;
      if (step.attention === undefined) return;
      const cells = step.attention.length / step.rowsBefore;
      attention[position] = step.attention.slice(parent * cells, (parent + 1) * cells);
    });
    const preferred = this.steps[finished.words - 1]?.preferred[finished.row] ?? 0;
    // Less what was added to it a sum is a rounding away from what it was.
    const logProbability = Math.min(0, finished.logProbability - preferred);
    const looked = attention.length > 0 ? { attention } : {};
    if (this.steps[0]?.totals === undefined) return { tokens, logProbability, score, ended, ...looked };
    if (ended) totals.push(logProbability);
    const wordLogProbabilities = totals.map((total, index) => Math.min(0, total - (totals[index - 1] ?? 0)));
    return { tokens, logProbability, score, ended, ...looked, wordLogProbabilities };
  }

  /** The first `length` tokens of the row after step `length`. @param visit is shown each step, its row and the one before. */
  private tokensOf(
    row: number,
    length: number,
    visit: (step: TracedStep, row: number, parent: number, position: number) => void = () => {},
  ): number[] {
    const tokens = new Array<number>(length);
    let current = row;
    for (let position = length - 1; position >= 0; position--) {
      const step = this.steps[position]!;
      const parent = step.parents[current]!;
      tokens[position] = step.tokens[current]!;
      visit(step, current, parent, position);
      current = parent;
    }
    return tokens;
  }
}
