import type { Tensor2D } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../../native-kernels.js';
import { tf } from '../../tensorflow.js';
import type { Cell } from './cell.js';

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).
 *
 *     i, f, o = σ(x W_i,f,o + h U_i,f,o + b_i,f,o)      g = tanh(x W_g + h U_g + b_g)
 *     c_t = f ⊙ c_{t−1} + i ⊙ g                         h_t = o ⊙ tanh(c_t)
 */
export const lstm: Cell = {
  forward(fromInput, fromState, [, c]) {
    const [zi, zf, zg, zo] = tf.split(tf.add(fromInput, fromState), 4, 1) as Tensor2D[];
    const i = tf.sigmoid(zi as Tensor2D);
    const f = tf.sigmoid(zf as Tensor2D);
    const g = tf.tanh(zg as Tensor2D);
    const o = tf.sigmoid(zo as Tensor2D);
    const next = tf.add<Tensor2D>(tf.mul(f, c as Tensor2D), tf.mul(i, g));
    const squashed = tf.tanh(next);
    return { states: [tf.mul<Tensor2D>(o, squashed), next], saved: [i, f, g, o, squashed] };
  },

  backward([dh, dc], saved, [, c]) {
    const [i, f, g, o, squashed] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    // ∂h/∂c = o (1 − tanh²(c))
    const dcTotal = tf.add(
      dc as Tensor2D,
      runNativeKernel('TanhGrad', [squashed, tf.mul(dh as Tensor2D, o)]),
    );
    const dz = tf.concat(
      [
        runNativeKernel('SigmoidGrad', [i, tf.mul(dcTotal, g)]),
        runNativeKernel('SigmoidGrad', [f, tf.mul(dcTotal, c as Tensor2D)]),
        runNativeKernel('TanhGrad', [g, tf.mul(dcTotal, i)]),
        runNativeKernel('SigmoidGrad', [o, tf.mul(dh as Tensor2D, squashed)]),
      ],
      1,
    ) as Tensor2D;
    return { fromInput: dz, fromState: dz, before: [null, tf.mul(dcTotal, f)] };
  },
};
