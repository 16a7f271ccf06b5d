import type { Tensor2D } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../../native-kernels.js';
import { tf } from '../../tensorflow.js';
import type { Cell } from './cell.js';

/**
 * Gated recurrent unit (Cho et al. 2014), its reset gate applied after the product with U as cuDNN does; `fromState`
 * already holds the second bias b_hn.
 *
 *     z, r = σ(x W_z,r + h U_z,r + b_z,r)               n = tanh(x W_n + b_n + r ⊙ (h U_n + b_hn))
 *     h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}
 */
export const gru: Cell = {
  forward(fromInput, fromState, [h]) {
    const [xz, xr, xn] = tf.split(fromInput, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    const [hz, hr, hn] = tf.split(fromState, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    const z = tf.sigmoid(tf.add<Tensor2D>(xz, hz));
    const r = tf.sigmoid(tf.add<Tensor2D>(xr, hr));
    const n = tf.tanh(tf.add<Tensor2D>(xn, tf.mul(r, hn)));
    const next = tf.add<Tensor2D>(n, tf.mul(z, tf.sub(h as Tensor2D, n)));
    return { states: [next], saved: [z, r, n, hn] };
  },

  backward([dh], saved, [h]) {
    const [z, r, n, hn] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    const gradient = dh as Tensor2D;
    const carried = tf.mul<Tensor2D>(gradient, z);
    const dzn = runNativeKernel('TanhGrad', [n, tf.sub(gradient, carried)]);
    const dzz = runNativeKernel('SigmoidGrad', [z, tf.mul(gradient, tf.sub(h as Tensor2D, n))]);
    const dzr = runNativeKernel('SigmoidGrad', [r, tf.mul(dzn, hn)]);
    return {
      fromInput: tf.concat([dzz, dzr, dzn], 1) as Tensor2D,
      fromState: tf.concat([dzz, dzr, tf.mul(dzn, r)], 1) as Tensor2D,
      before: [carried],
    };
  },
};
