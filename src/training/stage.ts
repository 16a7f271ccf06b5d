import type { Scalar, Variable } from '@tensorflow/tfjs-node';
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
  /** The loss as a function of the stage's variables. */
  loss(): Scalar;
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
  const names = [...stage.variables.keys()];
  const { value, grads } = tf.variableGrads(() => prepared.loss(), [...stage.variables.values()]);
  const byName = new Map(
    names.flatMap((name) => {
      const gradient = grads[(stage.variables.get(name) as Variable).name];
      return gradient === undefined || gradient === null ? [] : [[name, gradient] as const];
    }),
  );
  const { clipped, norm } = clipGradients(byName, clip);
  const loss = value.dataSync()[0] as number;
  const gradientNorm = norm.dataSync()[0] as number;
  tf.dispose([value, norm, ...byName.values()]);
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
    optimiser.apply(stage.variables, clipped, (name) => stage.rateOf(name) * rateShare);
  }
  tf.dispose([...clipped.values()]);
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
    throw new LegendaError('TRAINING_DIVERGED', {
      expected: 'a finite loss and gradient',
      received: `loss ${loss}, gradient norm ${gradientNorm} in stage ${stage.name}`,
      advice: 'lower the learning rate or the clipping limit and train anew (--resume keeps the settings)',
    });
  }
  return { loss, gradientNorm };
}
