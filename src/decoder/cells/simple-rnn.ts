import type { Tensor2D } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../../native-kernels.js';
import { tf } from '../../tensorflow.js';
import type { Cell } from './cell.js';

/** The plain recurrent cell (Elman 1990): h_t = tanh(x W + h U + b). */
export const simpleRnn: Cell = {
  forward(fromInput, fromState) {
    const next = tf.tanh(tf.add<Tensor2D>(fromInput, fromState));
    return { states: [next], saved: [next] };
  },

  backward([dh], [next]) {
    const dz = runNativeKernel('TanhGrad', [next as Tensor2D, dh as Tensor2D]) as Tensor2D;
    return { fromInput: dz, fromState: dz, before: [null] };
  },
};
