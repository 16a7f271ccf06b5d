import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-node';
import type { z } from 'zod';
import { type DecoderConfiguration, stateNames } from '../decoder/configuration.js';
import { crossEntropy } from '../decoder/cross-entropy.js';
import { initialiseWeights } from '../decoder/initialise.js';
import { projectWords, runRecurrence } from '../decoder/recurrence.js';
import type { GradientObserver } from '../decoder/recurrence-backward.js';
import { runStep } from '../decoder/step.js';
import { decoderWeightShapes } from '../decoder/weight-shapes.js';
import { LegendaError } from '../errors.js';
import { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import { clipGradients } from '../training/clip.js';
import { type TrainingConfiguration, trainingConfigurationSchema } from '../training/configuration.js';
import { Optimiser } from '../training/optimiser.js';

type Given = z.input<typeof trainingConfigurationSchema>;

/** What is not given is as in the configuration of training: docs/configuration.md. */
export interface RecurrentOptions
  extends Pick<NonNullable<Given['decoder']>, 'cell' | 'layers' | 'hidden' | 'tbptt' | 'initialisation'>,
    Pick<Given, 'optimiser' | 'clip' | 'seed'> {
  /** Numbers that each step reads. */
  readonly inputs: number;
  /** Numbers that each step can tell. */
  readonly outputs: number;
  /** `crossEntropy`: a target is the number of a class, outputs are logits. `squaredError`: a target is the one output's value. */
  readonly loss: 'crossEntropy' | 'squaredError';
}

/** Numbers step by step, and what is to be told of them: `null` at a step where nothing is. */
export interface Sequence {
  /** `[steps][inputs]`. */
  readonly inputs: readonly (readonly number[])[];
  /** `[steps]`. */
  readonly targets: readonly (number | null)[];
}

/** `[sequences][steps][inputs]`, of one length. */
type Batch = readonly (readonly (readonly number[])[])[];

/** The states of all layers as `stateNames` orders them, `[states][sequences][hidden]`. */
export type RecurrentState = readonly (readonly (readonly number[])[])[];

/**
 * A recurrent network on the decoder's cells, and nothing else: sequences of numbers in, and at each step
 * `output_t = h_t W + b` of the top layer's hidden state.
 */
export class RecurrentNetwork {
  readonly configuration: DecoderConfiguration;
  /** By the names of weight-shapes.ts; the output's are `output.kernel` and `output.bias`. */
  readonly weights: ReadonlyMap<string, Variable>;
  private readonly clip: TrainingConfiguration['clip'];
  private readonly optimiser: Optimiser;

  /** @throws `CONFIGURATION_INVALID`. */
  constructor(private readonly options: RecurrentOptions) {
    const { inputs, outputs, cell, layers, hidden, tbptt, initialisation, optimiser, clip, seed } = options;
    const parsed = trainingConfigurationSchema.safeParse({
      decoder: { cell, layers, hidden, tbptt, initialisation, embedding: inputs, attention: 'none' },
      optimiser,
      clip,
      seed,
    });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const key = issue?.path.filter((part) => part !== 'decoder').join('.');
      throw new LegendaError('CONFIGURATION_INVALID', { received: `${key}: ${issue?.message}` });
    }
    this.configuration = parsed.data.decoder;
    this.clip = parsed.data.clip;
    this.optimiser = new Optimiser(parsed.data.optimiser);
    const sizes = { gridCells: 1, channels: 1, vocabulary: 1 };
    const shapes = new Map(
      [...decoderWeightShapes(this.configuration, sizes)].filter(([name]) => name.startsWith('cell')),
    );
    shapes.set('output.kernel', [this.configuration.hidden, outputs]);
    shapes.set('output.bias', [outputs]);
    const weights = initialiseWeights(shapes, this.configuration, new Random(parsed.data.seed));
    this.weights = new Map(
      [...weights].map(([name, { shape, values }]) => [
        name,
        tidy(() => tf.variable(tf.tensor(values, [...shape]))),
      ]),
    );
  }

  /**
   * One step of training on sequences of one length.
   * @returns the mean loss of all targets before the step, and the gradient's global norm before clipping.
   * @throws `TRAINING_DIVERGED` before any weight has moved.
   */
  learn(sequences: readonly Sequence[], learningRate: number): { loss: number; gradientNorm: number } {
    const { loss, gradients } = this.gradients(sequences);
    const { clipped, norm } = clipGradients(gradients, this.clip);
    const gradientNorm = norm.dataSync()[0] as number;
    const sound = Number.isFinite(loss) && Number.isFinite(gradientNorm);
    if (sound) this.optimiser.apply(this.weights, clipped, () => learningRate);
    tf.dispose([norm, ...gradients.values(), ...clipped.values()]);
    if (sound) return { loss, gradientNorm };
    throw new LegendaError('TRAINING_DIVERGED', {
      expected: 'a finite loss and gradient',
      received: `loss ${loss}, gradient norm ${gradientNorm}`,
      advice: 'lower the learning rate or the clipping limit',
    });
  }

  /** The mean loss of all targets, and its gradients by the weights' names; the caller disposes of them. */
  gradients(
    sequences: readonly Sequence[],
    observe?: GradientObserver,
  ): { loss: number; gradients: Map<string, Tensor> } {
    const { value, grads } = tf.variableGrads(
      () => tidy(() => this.loss(sequences, observe)),
      [...this.weights.values()],
    );
    const loss = value.dataSync()[0] as number;
    value.dispose();
    const named = [...this.weights].map(([name, { name: key }]) => [name, grads[key] as Tensor] as const);
    return { loss, gradients: new Map(named) };
  }

  /**
   * What the network makes of sequences of one length: the top layer's h_t `[sequences][steps][hidden]` and the outputs
   * `[sequences][steps][outputs]`.
   * @param batch `[sequences][steps][inputs]`. @param state to begin from: what an earlier call returned; zeros without.
   */
  run(
    batch: Batch,
    state?: RecurrentState,
  ): { hidden: number[][][]; outputs: number[][][]; state: RecurrentState } {
    return tidy(() => {
      const { configuration, weights } = this;
      const fromInputs = projectWords(configuration, weights, packed(batch));
      let states = this.start(batch.length, state);
      const steps = (batch[0] ?? []).map((_, t) => {
        const rows = fromInputs.slice([t * batch.length, 0], [batch.length, -1]) as Tensor2D;
        const step = runStep(configuration, weights, rows, states);
        states = [...step.states];
        return { hidden: step.output.arraySync(), outputs: this.output(step.output).arraySync() };
      });
      const bySequence = (kind: 'hidden' | 'outputs') =>
        batch.map((_, sequence) => steps.map((step) => step[kind][sequence] as number[]));
      return {
        hidden: bySequence('hidden'),
        outputs: bySequence('outputs'),
        state: states.map((each) => each.arraySync()),
      };
    });
  }

  dispose(): void {
    this.optimiser.dispose();
    tf.dispose([...this.weights.values()]);
  }

  private loss(sequences: readonly Sequence[], observe: GradientObserver | undefined): Scalar {
    const { configuration, weights } = this;
    const batch = sequences.map(({ inputs }) => inputs);
    const given = new Map<string, Tensor>([['words', packed(batch)]]);
    for (const [name, weight] of weights) if (name.startsWith('cell')) given.set(name, weight);
    const start = this.start(batch.length);
    stateNames(configuration).forEach((name, index) => {
      given.set(name, start[index] as Tensor2D);
    });
    const steps = batch[0]?.length ?? 0;
    const hidden = runRecurrence(configuration, given, batch.length, Array(steps).fill(1), observe);
    const rows: number[] = [];
    const targets: number[] = [];
    for (let t = 0; t < steps; t++) {
      sequences.forEach((sequence, index) => {
        const target = sequence.targets[t];
        if (target === null || target === undefined) return;
        rows.push(t * sequences.length + index);
        targets.push(target);
      });
    }
    const outputs = this.output(tf.gather(hidden, tf.tensor1d(rows, 'int32')));
    if (this.options.loss === 'crossEntropy') return crossEntropy(outputs, tf.tensor1d(targets, 'int32'), 0);
    return tf.mean(tf.squaredDifference(outputs, tf.tensor2d(targets, [targets.length, 1]))) as Scalar;
  }

  /** h W + b, `[rows, outputs]`. */
  private output(hidden: Tensor2D): Tensor2D {
    const kernel = this.weights.get('output.kernel') as Tensor;
    return tf.add(tf.matMul(hidden, kernel as Tensor2D), this.weights.get('output.bias') as Tensor);
  }

  private start(sequences: number, state?: RecurrentState): Tensor2D[] {
    return stateNames(this.configuration).map((_, index) => {
      const given = state?.[index];
      if (given === undefined) return tf.zeros([sequences, this.configuration.hidden]);
      return tf.tensor2d(given.map((row) => [...row]));
    });
  }
}

/** All sequences' first steps, then all their second ones: `[steps · sequences, inputs]`. */
function packed(batch: Batch): Tensor2D {
  const [first] = batch;
  const steps = first?.length ?? 0;
  const inputs = first?.[0]?.length ?? 0;
  const values = new Float32Array(steps * batch.length * inputs);
  batch.forEach((sequence, index) => {
    sequence.forEach((step, t) => {
      values.set(step, (t * batch.length + index) * inputs);
    });
  });
  return tf.tensor2d(values, [steps * batch.length, inputs]);
}
