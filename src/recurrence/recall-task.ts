import type { Variable } from '@tensorflow/tfjs-node';
import type { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import { RecurrentNetwork, type RecurrentOptions, type Sequence } from './recurrent-network.js';

/** Symbols that a sequence can begin with. */
export const SYMBOLS = 4;
/** Sequences of a batch, and units of the cells that learn from them. */
export const SEQUENCES = 16;
export const HIDDEN = 32;
/** Numbers that each step reads. */
const INPUTS = 8;
/** Of what follows the symbol: little, so that the cells are not driven into their limits. */
const NOISE = 0.1;

/**
 * Sequences that show one of four symbols at their first step, then noise, and ask at their last step which it was: the
 * latch problem of Bengio, Simard and Frasconi 1994. What the loss says at the end has to reach the first step.
 */
export function recallSequences(count: number, steps: number, random: Random): Sequence[] {
  return Array.from({ length: count }, () => {
    const symbol = random.integer(SYMBOLS);
    const inputs = Array.from({ length: steps }, (_, t) =>
      Array.from({ length: INPUTS }, (_, i) => {
        if (t > 0) return NOISE * random.normal();
        return i === symbol ? 1 : 0;
      }),
    );
    return { inputs, targets: inputs.map((_, t) => (t === steps - 1 ? symbol : null)) };
  });
}

export type RecallCell = Omit<RecurrentOptions, 'inputs' | 'outputs' | 'loss' | 'hidden' | 'seed'>;

/** A fresh network for the task. @param scale what its recurrent kernels are multiplied by. */
export function recallNetwork(cell: RecallCell, scale: number, seed: number): RecurrentNetwork {
  const network = new RecurrentNetwork({
    ...cell,
    inputs: INPUTS,
    outputs: SYMBOLS,
    loss: 'crossEntropy',
    hidden: HIDDEN,
    seed,
  });
  const kernel = network.weights.get('cell0.recurrentKernel') as Variable;
  tidy(() => kernel.assign(tf.mul(kernel, scale)));
  return network;
}
