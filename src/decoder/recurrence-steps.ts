import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import type { DecoderConfiguration } from './configuration.js';
import type { Step } from './step.js';

export interface RecurrenceShape {
  readonly configuration: DecoderConfiguration;
  readonly images: number;
  readonly captionsAtStep: readonly number[];
}

/** A step and the states before it. */
export type RecurrenceStep = Step & { readonly before: readonly Tensor2D[] };

export interface RecurrenceRecord {
  readonly given: ReadonlyMap<string, Tensor>;
  readonly steps: readonly RecurrenceStep[];
}

/**
 * The tensors of all steps, listed flat for the engine to keep from the forward to the backward pass. The engine gives back
 * other tensor objects in the same order, which `restored` puts where the first ones were.
 */
export class SavedSteps {
  readonly tensors: Tensor[] = [];
  private readonly steps: RecurrenceStep[] = [];

  constructor(private readonly given: ReadonlyMap<string, Tensor>) {
    this.tensors.push(...given.values());
  }

  add(step: RecurrenceStep): void {
    this.steps.push(step);
    mapStep(step, (tensor) => {
      this.tensors.push(tensor);
      return tensor;
    });
  }

  restored(saved: readonly Tensor[]): RecurrenceRecord {
    let next = 0;
    const take = <T extends Tensor>(): T => saved[next++] as T;
    const given = new Map([...this.given.keys()].map((name) => [name, take()]));
    return { given, steps: this.steps.map((step) => mapStep(step, take)) };
  }
}

/** The step with each tensor that the gradient needs replaced by `replace` of it, always in the same order. */
function mapStep(step: RecurrenceStep, replace: <T extends Tensor>(tensor: T) => T): RecurrenceStep {
  const { output, states, before, below, saved, beside, attention } = step;
  return {
    output,
    states,
    before: before.map((tensor) => replace(tensor)),
    below: below.map((tensor) => replace(tensor)),
    saved: saved.map((tensors) => tensors.map((tensor) => replace(tensor))),
    ...(beside === undefined ? {} : { beside: replace(beside) }),
    ...(attention === undefined
      ? {}
      : { attention: { weights: replace(attention.weights), energies: replace(attention.energies) } }),
  };
}
