import type { Tensor2D } from '@tensorflow/tfjs-node';

/**
 * A recurrent cell between its matrix products, which the recurrence does for all cells alike:
 * `fromInput = x W + b` and `fromState = h U`, both `[rows, G D]` with the gates side by side.
 *
 * Its gradient is written by hand, beside its equations, because the recurrence is: see recurrence.ts.
 */
export interface Cell {
  /** @param states as named in `STATES`, each `[rows, D]`. The caller disposes of the step's tensors. */
  forward(fromInput: Tensor2D, fromState: Tensor2D, states: readonly Tensor2D[]): CellStep;
  /**
   * @param gradients of the loss with respect to the new states.
   * @param saved what `forward` kept. @param before the states before the step.
   */
  backward(
    gradients: readonly Tensor2D[],
    saved: readonly Tensor2D[],
    before: readonly Tensor2D[],
  ): CellGradients;
}

export interface CellStep {
  readonly states: readonly Tensor2D[];
  /** What `backward` needs besides the states before the step. */
  readonly saved: readonly Tensor2D[];
}

export interface CellGradients {
  readonly fromInput: Tensor2D;
  readonly fromState: Tensor2D;
  /** With respect to the states before the step, without what flows through `fromState`; null where nothing else flows. */
  readonly before: readonly (Tensor2D | null)[];
}
