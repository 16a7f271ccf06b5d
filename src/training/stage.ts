import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-node';
import { LegendaError } from '../errors.js';
import type { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import type { Captioned, PlannedBatch } from './batches.js';
import { type ClipOptions, clipGradients } from './clip.js';
import type { StageConfiguration, StageName } from './configuration.js';
import type { FeatureSource } from './feature-source.js';
import type { Optimiser } from './optimiser.js';

/** What a stage adds to the loop that all stages share. */
export interface Stage {
  readonly name: StageName;
  readonly configuration: StageConfiguration;
  /** What it learns from; batches name items by their index. */
  readonly items: readonly Captioned[];
  /** What it trains, by the names of checkpoints. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** The highest learning rate of a weight by its name. */
  rateOf(name: string): number;
  /** Reads what a step needs, while the step before runs. @param progress share of the stage that is done, 0 to 1. */
  prepare(batch: PlannedBatch, random: Random, progress: number): Promise<PreparedBatch>;
  /** Features of dev pictures with the weights as they are now; a stage without looks at no pictures. */
  readonly features?: FeatureSource;
  /** Whether weights that were trained elsewhere are a candidate too: they are scored before the first step. */
  readonly scoresStart?: boolean;
}

/** The inputs of one step, ready. */
export interface PreparedBatch {
  readonly images: number;
  /**
   * The loss as functions of the stage's variables, of which it is the sum. Each is worked through by itself, so that no more
   * than its own activations are in memory.
   */
  readonly losses: readonly (() => Scalar)[];
  dispose(): void;
}

export interface StepResult {
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number;
}

/**
 * One step: loss, gradients, clipping, the optimiser.
 * @throws `TRAINING_DIVERGED` when loss or gradient is not finite, before any weight has moved.
 */
export function trainingStep(
  stage: Stage,
  prepared: PreparedBatch,
  optimiser: Optimiser,
  clip: ClipOptions,
  rateShare: number,
): StepResult {
  const { loss, gradients } = lossAndGradients(stage.variables, prepared.losses);
  const { clipped, norm } = clipGradients(gradients, clip);
  const gradientNorm = norm.dataSync()[0] as number;
  tf.dispose([norm, ...gradients.values()]);
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
    optimiser.apply(stage.variables, clipped, (name) => stage.rateOf(name) * rateShare);
  }
  tf.dispose([...clipped.values()]);
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
    throw new LegendaError('TRAINING_DIVERGED', {
      expected: 'a finite loss and gradient',
      received: `loss ${loss}, gradient norm ${gradientNorm} in stage ${stage.name} at learning rate ${stage.configuration.learningRate * rateShare}`,
      advice: 'lower the learning rate or the clipping limit',
    });
  }
  return { loss, gradientNorm };
}

/** The sum of the losses, and its gradients by the variables' names; variables that no loss depends on have none. */
function lossAndGradients(
  variables: ReadonlyMap<string, Variable>,
  losses: readonly (() => Scalar)[],
): { loss: number; gradients: Map<string, Tensor> } {
  const gradients = new Map<string, Tensor>();
  let loss = 0;
  for (const part of losses) {
    const { value, grads } = tf.variableGrads(part, [...variables.values()]);
    loss += value.dataSync()[0] as number;
    value.dispose();
    for (const [name, variable] of variables) {
      const gradient = grads[variable.name];
      if (gradient === undefined || gradient === null) continue;
      const before = gradients.get(name);
      gradients.set(name, before === undefined ? gradient : tf.add(before, gradient));
      if (before !== undefined) tf.dispose([before, gradient]);
    }
  }
  return { loss, gradients };
}
