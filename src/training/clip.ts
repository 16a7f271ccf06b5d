import type { Scalar, Tensor } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../native-kernels.js';
import { tf, tidy } from '../tensorflow.js';

export type Gradients = ReadonlyMap<string, Tensor>;

export interface ClipOptions {
  readonly kind: 'none' | 'value' | 'norm' | 'globalNorm';
  readonly limit: number;
}

/**
 * Bounds gradients by value, by each tensor's norm, or by the norm of all together (Pascanu et al. 2013).
 * @returns new tensors, and the global norm before clipping. The caller disposes of them.
 */
export function clipGradients(
  gradients: Gradients,
  { kind, limit }: ClipOptions,
): { clipped: Gradients; norm: Scalar } {
  const { clipped, norm } = tidy(() => {
    const entries = [...gradients];
    const norms = entries.map(([, gradient]) => normOf(gradient));
    const global = tf.sqrt(tf.addN(norms.map((each) => tf.square(each)))) as Scalar;
    const clip = (gradient: Tensor, index: number): Tensor => {
      if (kind === 'value') return tf.clipByValue(gradient, -limit, limit);
      if (kind === 'none') return gradient.clone();
      const measured = kind === 'norm' ? (norms[index] as Scalar) : global;
      return tf.mul(gradient, tf.minimum(1, tf.div(limit, measured)));
    };
    return { clipped: entries.map(([, gradient], index) => clip(gradient, index)), norm: global };
  });
  return {
    clipped: new Map([...gradients.keys()].map((name, index) => [name, clipped[index] as Tensor])),
    norm,
  };
}

/** ‖g‖, in one pass over it. */
function normOf(gradient: Tensor): Scalar {
  return tf.sqrt(tf.mul(2, runNativeKernel('L2Loss', [gradient]))) as Scalar;
}
