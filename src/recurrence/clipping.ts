import { LegendaError } from '../errors.js';
import { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import { type ClipOptions, clipGradients, type Gradients } from '../training/clip.js';
import { figure, type MeasuredLine, type Picture } from './picture.js';
import { recallNetwork, recallSequences, SEQUENCES, SYMBOLS } from './recall-task.js';

/** Long enough to explode, short enough to be learnt once it does not. */
const LENGTH = 30;
const SCALE = 1.5;
const RATE = 0.1;
const LEARNING_STEPS = 60;
const LIMIT = 1;
const KINDS = ['none', 'value', 'norm', 'globalNorm'] as const;

/** The global norm of gradients, before and after they are clipped. */
export function clippedNorms(
  gradients: Gradients,
  clip: ClipOptions,
): { weightGradientNorm: number; clippedNorm: number } {
  const before = clipGradients(gradients, clip);
  const after = clipGradients(before.clipped, { kind: 'none', limit: clip.limit });
  const [weightGradientNorm, clippedNorm] = [before, after].map(
    ({ norm }) => norm.dataSync()[0] as number,
  ) as [number, number];
  for (const { clipped, norm } of [before, after]) tf.dispose([norm, ...clipped.values()]);
  return { weightGradientNorm, clippedNorm };
}

/** What each kind of clipping makes of a simple RNN whose gradients explode: its loss, step by step. */
export function clippingPicture(seed: number): Picture {
  const lines = KINDS.map((kind) => learn({ kind, limit: LIMIT }, seed));
  const ends = lines.map(({ name, values }) => {
    const last = values.slice(-10).map((value) => value ?? Number.NaN);
    return `${figure(last.reduce((sum, value) => sum + value, 0) / last.length)} (${name})`;
  });
  return {
    title: 'What clipping does: a simple RNN whose gradients explode learns',
    explanation:
      `Plain gradient descent at a rate of ${RATE}, sequences of ${LENGTH} steps, recurrent kernels at ${SCALE} times their size: the first ` +
      `gradient has the norm ${figure(lines[0]?.weightGradientNorm ?? 0)}, and the clipping limit is ${LIMIT}. Over the last ten steps the loss ` +
      `is ${ends.join(', ')}; who guesses has ${figure(Math.log(SYMBOLS))}. Without clipping a single step can throw the ` +
      'weights to where nothing is learnt any more; clipping all tensors together keeps the direction, the other kinds bend it.',
    x: { label: 'training step' },
    y: { label: 'loss, nats', scale: 'linear' },
    lines,
  };
}

function learn(clip: ClipOptions, seed: number): MeasuredLine {
  const network = recallNetwork(
    { cell: 'simpleRnn', clip, optimiser: { kind: 'sgd', momentum: 0 } },
    SCALE,
    seed,
  );
  const random = new Random(seed);
  const values: (number | null)[] = Array(LEARNING_STEPS).fill(null);
  let weightGradientNorm = Number.NaN;
  try {
    for (let step = 0; step < LEARNING_STEPS; step++) {
      const { loss, gradientNorm } = network.learn(recallSequences(SEQUENCES, LENGTH, random), RATE);
      values[step] = loss;
      if (step === 0) weightGradientNorm = gradientNorm;
    }
  } catch (error) {
    // What is shown then is that it ends there.
    if (!(error instanceof LegendaError && error.code === 'TRAINING_DIVERGED')) throw error;
  } finally {
    network.dispose();
  }
  return { name: clip.kind, values, weightGradientNorm };
}
