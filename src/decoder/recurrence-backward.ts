import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../native-kernels.js';
import { tf, tidy } from '../tensorflow.js';
import { attendBackward } from './attention.js';
import { cells } from './cells/index.js';
import { STATES, stateNames } from './configuration.js';
import type { RecurrenceRecord, RecurrenceShape, RecurrenceStep } from './recurrence-steps.js';

/**
 * Is told ∂loss/∂h_t of the top layer at each step, from the last to the first, `[rows, D]`; the tensor is gone after the call.
 */
export type GradientObserver = (step: number, gradient: Tensor2D) => void;

/** What one step leaves for the products over all steps. */
interface StepGradients {
  /** By layer, `[rows, G D]`. */
  readonly fromInput: readonly Tensor2D[];
  readonly fromState: readonly Tensor2D[];
  /** Of the states before the step. */
  readonly before: readonly Tensor2D[];
  readonly beside?: Tensor2D;
  readonly query?: Tensor2D;
  readonly score?: Tensor;
  readonly keys?: Tensor;
}

/**
 * Back-propagation through time (Werbos 1990) over the recorded steps. With `tbptt: N` it is truncated: the states before the
 * steps 0, N, 2N, … are taken as given, so that no gradient goes from a step back past the start of its N.
 */
export class RecurrenceBackward {
  private readonly perLayer: number;

  constructor(
    private readonly shape: RecurrenceShape,
    private readonly record: RecurrenceRecord,
    private readonly observe?: GradientObserver,
  ) {
    this.perLayer = STATES[shape.configuration.cell].length;
  }

  /** The gradients of all given tensors by name. @param dOutput with respect to the packed outputs. */
  run(dOutput: Tensor2D): Map<string, Tensor> {
    const { images, captionsAtStep, configuration } = this.shape;
    const gradients: StepGradients[] = [];
    let later: readonly Tensor2D[] = [];
    let end = dOutput.shape[0];
    for (let t = captionsAtStep.length - 1; t >= 0; t--) {
      const captions = captionsAtStep[t] as number;
      const rows = images * captions;
      end -= rows;
      const step = tidy(() => {
        const dStep = dOutput.slice([end, 0], [rows, -1]) as Tensor2D;
        const dStates = this.widen(later, captionsAtStep[t + 1] ?? captions, captions, rows);
        return this.stepBack(t, dStep, dStates);
      });
      const isCut = configuration.tbptt > 0 && t % configuration.tbptt === 0;
      later = isCut ? [] : step.before;
      gradients.unshift(step);
    }
    return new Map(Object.entries(tidy(() => Object.fromEntries(this.overAllSteps(gradients)))));
  }

  private stepBack(t: number, dOutput: Tensor2D, dAfter: Tensor2D[]): StepGradients {
    const step = this.record.steps[t] as RecurrenceStep;
    const { layers, hidden, embedding, cell, attention } = this.shape.configuration;
    const dStates = [...dAfter];
    const attends = attention === 'additive';
    const top = (layers - 1) * this.perLayer;
    const dHidden = attends ? (dOutput.slice([0, 0], [-1, hidden]) as Tensor2D) : dOutput;
    dStates[top] = tf.add(dStates[top] as Tensor2D, dHidden);
    this.observe?.(t, dStates[top] as Tensor2D);
    const fromInput: Tensor2D[] = [];
    const fromState: Tensor2D[] = [];
    let beside = attends ? (dOutput.slice([0, hidden], [-1, -1]) as Tensor2D) : undefined;
    for (let layer = layers - 1; layer >= 0; layer--) {
      const first = layer * this.perLayer;
      const range = [first, first + this.perLayer] as const;
      const gradients = cells[cell].backward(
        dStates.slice(...range),
        step.saved[layer] as readonly Tensor2D[],
        step.before.slice(...range),
      );
      fromInput.unshift(gradients.fromInput);
      fromState.unshift(gradients.fromState);
      const throughState = tf.matMul(
        gradients.fromState,
        this.weight(`cell${layer}.recurrentKernel`),
        false,
        true,
      );
      gradients.before.forEach((direct, index) => {
        const through = index === 0 ? throughState : null;
        const both = direct !== null && through !== null ? tf.add(direct, through) : (direct ?? through);
        dStates[first + index] = both as Tensor2D;
      });
      if (layer > 0) {
        const below = first - this.perLayer;
        const dBelow = tf.matMul<Tensor2D>(
          gradients.fromInput,
          this.weight(`cell${layer}.kernel`),
          false,
          true,
        );
        dStates[below] = tf.add<Tensor2D>(dStates[below] as Tensor2D, dBelow);
      } else if (step.beside !== undefined) {
        const kernel = this.weight('cell0.kernel').slice([embedding, 0], [-1, -1]) as Tensor2D;
        const dBeside = tf.matMul<Tensor2D>(gradients.fromInput, kernel, false, true);
        beside = beside === undefined ? dBeside : tf.add<Tensor2D>(beside, dBeside);
      }
    }
    if (step.attention === undefined) {
      return { fromInput, fromState, before: dStates, ...(beside === undefined ? {} : { beside }) };
    }
    const attended = attendBackward(
      beside as Tensor2D,
      step.attention,
      this.record.given.get('memory') as Tensor3D,
      this.weight('attention.score'),
    );
    const dQuery = tf.matMul(attended.query, this.weight('attention.queryKernel'), false, true);
    dStates[top] = tf.add(dStates[top] as Tensor2D, dQuery);
    return {
      fromInput,
      fromState,
      before: dStates,
      beside: beside as Tensor2D,
      query: attended.query,
      score: attended.score,
      keys: tf.sum(attended.shifted, 1),
    };
  }

  /** One product over the packed rows for each weight. */
  private overAllSteps(gradients: readonly StepGradients[]): Map<string, Tensor> {
    const { configuration } = this.shape;
    const { steps, given } = this.record;
    const result = new Map<string, Tensor>();
    const packed = (pick: (index: number) => Tensor2D) =>
      tf.concat(
        steps.map((_, t) => pick(t)),
        0,
      ) as Tensor2D;
    for (let layer = 0; layer < configuration.layers; layer++) {
      const first = layer * this.perLayer;
      const dInput = packed((t) => gradients[t]?.fromInput[layer] as Tensor2D);
      const dState = packed((t) => gradients[t]?.fromState[layer] as Tensor2D);
      const hiddenBefore = packed((t) => steps[t]?.before[first] as Tensor2D);
      result.set(`cell${layer}.recurrentKernel`, tf.matMul(hiddenBefore, dState, true, false));
      result.set(`cell${layer}.bias`, runNativeKernel('BiasAddGrad', [dInput]));
      if (configuration.cell === 'gru') {
        const bias = runNativeKernel('BiasAddGrad', [dState]);
        result.set(`cell${layer}.recurrentBias`, bias.slice([2 * configuration.hidden], [-1]));
      }
      if (layer > 0) {
        const below = packed((t) => steps[t]?.below[layer - 1] as Tensor2D);
        result.set(`cell${layer}.kernel`, tf.matMul(below, dInput, true, false));
        continue;
      }
      const fromWords = tf.matMul(given.get('words') as Tensor2D, dInput, true, false);
      const besides =
        steps[0]?.beside === undefined ? undefined : packed((t) => steps[t]?.beside as Tensor2D);
      result.set(
        'cell0.kernel',
        besides === undefined
          ? fromWords
          : tf.concat([fromWords, tf.matMul(besides, dInput, true, false)], 0),
      );
      const wordKernel = this.weight('cell0.kernel').slice([0, 0], [configuration.embedding, -1]) as Tensor2D;
      result.set('words', tf.matMul(dInput, wordKernel, false, true));
      if (configuration.attention === 'additive') {
        const dQuery = packed((t) => gradients[t]?.query as Tensor2D);
        const topBefore = packed(
          (t) => steps[t]?.before[(configuration.layers - 1) * this.perLayer] as Tensor2D,
        );
        result.set('attention.queryKernel', tf.matMul(topBefore, dQuery, true, false));
        result.set('attention.score', tf.addN(gradients.map(({ score }) => score as Tensor)).reshape([-1]));
        result.set('keys', tf.addN(gradients.map(({ keys }) => keys as Tensor)));
        result.set('memory', this.memoryGradient(gradients));
      } else if (configuration.inject === 'everyStep') {
        const perStep = gradients.map(({ beside }) => this.sumOverCaptions(beside as Tensor2D));
        result.set('mean', tf.addN(perStep));
      }
    }
    stateNames(configuration).forEach((name, index) => {
      result.set(name, this.sumOverCaptions(gradients[0]?.before[index] as Tensor2D));
    });
    return result;
  }

  /** Σ_t a_tᵀ ∂context_t, `[B, L, D]`. */
  private memoryGradient(gradients: readonly StepGradients[]): Tensor {
    const { images } = this.shape;
    const weights = this.record.steps.map((step) => step.attention?.weights as Tensor3D);
    const contexts = gradients.map(({ beside }) =>
      (beside as Tensor2D).reshape([images, -1, this.shape.configuration.hidden]),
    );
    return tf.matMul(tf.concat(weights, 1), tf.concat(contexts as Tensor3D[], 1), true, false);
  }

  /** `[B K, D]` -> `[B, D]`. */
  private sumOverCaptions(rows: Tensor2D): Tensor {
    return tf.sum(rows.reshape([this.shape.images, -1, rows.shape[1]]), 1);
  }

  /** The gradients of states with zero rows for captions that ended at this step. */
  private widen(states: readonly Tensor2D[], from: number, to: number, rows: number): Tensor2D[] {
    const { images, configuration } = this.shape;
    const { hidden } = configuration;
    if (states.length === 0) return stateNames(configuration).map(() => tf.zeros([rows, hidden]));
    if (from === to) return [...states];
    const padding: [number, number][] = [
      [0, 0],
      [0, to - from],
      [0, 0],
    ];
    return states.map(
      (state) => tf.pad(state.reshape([images, from, hidden]), padding).reshape([rows, hidden]) as Tensor2D,
    );
  }

  private weight(name: string): Tensor2D {
    return this.record.given.get(name) as Tensor2D;
  }
}
