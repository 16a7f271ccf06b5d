import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import { tf } from '../tensorflow.js';
import { attend } from './attention.js';
import { cells } from './cells/index.js';
import { type DecoderConfiguration, STATES } from './configuration.js';

/** One step of the recurrence, with what its gradient needs. */
export interface Step {
  /** The top layer's h_t, with attention the context beside it: `[rows, D]` or `[rows, 2 D]`. */
  readonly output: Tensor2D;
  /** As `stateNames` gives them, `[rows, D]`. */
  readonly states: readonly Tensor2D[];
  /** h_t of each layer but the top one. */
  readonly below: readonly Tensor2D[];
  /** What each layer's cell kept. */
  readonly saved: readonly (readonly Tensor2D[])[];
  /** What stands beside the word: the attended context, or the mean with inject everyStep. */
  readonly beside?: Tensor2D;
  readonly attention?: { readonly weights: Tensor3D; readonly energies: Tensor2D };
}

/**
 * x_t = [word, context], through the layers of cells. Used for training and for search alike.
 * @param fromWords word · W_e + b of the first cell, `[rows, G D]`. @param states before the step.
 */
export function runStep(
  configuration: DecoderConfiguration,
  tensors: ReadonlyMap<string, Tensor>,
  fromWords: Tensor2D,
  states: readonly Tensor2D[],
): Step {
  const topHidden = states[(configuration.layers - 1) * STATES[configuration.cell].length] as Tensor2D;
  const { beside, attention } = lookBeside(configuration, tensors, topHidden, fromWords.shape[0]);
  let fromInput = fromWords;
  if (beside !== undefined) {
    const kernel = tensors.get('cell0.kernel') as Tensor2D;
    const fromBeside = tf.matMul(beside, kernel.slice([configuration.embedding, 0], [-1, -1]) as Tensor2D);
    fromInput = tf.add<Tensor2D>(fromInput, fromBeside);
  }
  const { states: next, below, saved } = runCells(configuration, tensors, fromInput, states);
  const hidden = next.at(-STATES[configuration.cell].length) as Tensor2D;
  const output = attention === undefined ? hidden : (tf.concat([hidden, beside as Tensor2D], 1) as Tensor2D);
  return {
    output,
    states: next,
    below,
    saved,
    ...(beside === undefined ? {} : { beside }),
    ...(attention === undefined ? {} : { attention }),
  };
}

/** One step of every layer. @param fromInput x W + b of the first cell, `[rows, G D]`. */
export function runCells(
  configuration: DecoderConfiguration,
  tensors: ReadonlyMap<string, Tensor>,
  fromInput: Tensor2D,
  states: readonly Tensor2D[],
): Pick<Step, 'states' | 'below' | 'saved'> {
  const cell = cells[configuration.cell];
  const perLayer = STATES[configuration.cell].length;
  const next: Tensor2D[] = [];
  const saved: (readonly Tensor2D[])[] = [];
  let input = fromInput;
  for (let layer = 0; layer < configuration.layers; layer++) {
    if (layer > 0) {
      const below = next[(layer - 1) * perLayer] as Tensor2D;
      const product = tf.matMul<Tensor2D>(below, tensors.get(`cell${layer}.kernel`) as Tensor2D);
      input = tf.add<Tensor2D>(product, tensors.get(`cell${layer}.bias`) as Tensor1D);
    }
    const before = states.slice(layer * perLayer, (layer + 1) * perLayer);
    const step = cell.forward(input, fromState(configuration, tensors, layer, before[0] as Tensor2D), before);
    next.push(...step.states);
    saved.push(step.saved);
  }
  return { states: next, below: next.filter((_, index) => index % perLayer === 0).slice(0, -1), saved };
}

/** h_{t−1} U, with a GRU's second bias. */
function fromState(
  configuration: DecoderConfiguration,
  tensors: ReadonlyMap<string, Tensor>,
  layer: number,
  hidden: Tensor2D,
): Tensor2D {
  const product = tf.matMul<Tensor2D>(hidden, tensors.get(`cell${layer}.recurrentKernel`) as Tensor2D);
  if (configuration.cell !== 'gru') return product;
  const bias = tensors.get(`cell${layer}.recurrentBias`) as Tensor1D;
  return tf.add<Tensor2D>(product, tf.pad1d(bias, [2 * configuration.hidden, 0]));
}

function lookBeside(
  configuration: DecoderConfiguration,
  tensors: ReadonlyMap<string, Tensor>,
  topHidden: Tensor2D,
  rows: number,
): Pick<Step, 'beside' | 'attention'> {
  if (configuration.attention === 'additive') {
    const query = tf.matMul<Tensor2D>(topHidden, tensors.get('attention.queryKernel') as Tensor2D);
    const grid = { memory: tensors.get('memory') as Tensor3D, keys: tensors.get('keys') as Tensor3D };
    const { context, weights, energies } = attend(query, grid, tensors.get('attention.score') as Tensor);
    return { beside: context, attention: { weights, energies } };
  }
  if (configuration.inject !== 'everyStep') return {};
  const mean = tensors.get('mean') as Tensor2D;
  const [images, width] = mean.shape;
  const beside = tf
    .tile(mean.reshape([images, 1, width]), [1, rows / images, 1])
    .reshape([rows, width]) as Tensor2D;
  return { beside };
}
