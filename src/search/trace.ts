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
  readonly rowsBefore: number;
}

/** What was written, step by step, as back-pointers: no caption is copied while it is under way. */
export class Trace {
  private readonly steps: TracedStep[] = [];

  /**
   * @param parents for each row after the step, its row before.
   * @param tokens for each row after the step, the token written.
   * @param attention `[rowsBefore, gridCells]`, if it is to be kept.
   */
  add(
    parents: Int32Array,
    tokens: Int32Array,
    attention: Float32Array | undefined,
    rowsBefore: number,
  ): void {
    this.steps.push({ parents, tokens, attention, rowsBefore });
  }

  /** The words of a caption under way, without the start token. */
  wordsOf(row: number): number[] {
    return this.tokensOf(row, this.steps.length);
  }

  /** The finished caption, read back from its last word to its first. */
  read(finished: Finished): Hypothesis {
    const attention: Float32Array[] = [];
    const tokens = this.tokensOf(finished.row, finished.words, (step, parent, position) => {
      if (step.attention === undefined) return;
      const cells = step.attention.length / step.rowsBefore;
      attention[position] = step.attention.slice(parent * cells, (parent + 1) * cells);
    });
    const { logProbability, score, ended } = finished;
    const looked = attention.length > 0 ? { attention } : {};
    return { tokens, logProbability, score, ended, ...looked };
  }

  /** The first `length` tokens of the row after step `length`. @param visit is shown each step and the row before it. */
  private tokensOf(
    row: number,
    length: number,
    visit: (step: TracedStep, parent: number, position: number) => void = () => {},
  ): number[] {
    const tokens = new Array<number>(length);
    let current = row;
    for (let position = length - 1; position >= 0; position--) {
      const step = this.steps[position]!;
      const parent = step.parents[current]!;
      tokens[position] = step.tokens[current]!;
      visit(step, parent, position);
      current = parent;
    }
    return tokens;
  }
}
