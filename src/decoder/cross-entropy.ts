import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { runNativeKernelWithOutputs } from '../native-kernels.js';
import { tf } from '../tensorflow.js';

/**
 * Cross-entropy against smoothed targets (Szegedy et al. 2016, section 7), in nats a word:
 *
 *     q = (1 − ε) onehot(target) + ε / V          loss = Σ_p w_p Σ_v −q_v log softmax(logits_p)_v
 *
 * Loss and gradient come from one kernel, in place of five passes over the logits.
 *
 * @param logits `[P, V]`. @param targets `[P]`, int32. @param smoothing ε.
 * @param weights w, `[P]`; 1 / P where they are not given, so that the loss is the mean.
 */
export function crossEntropy(
  logits: Tensor2D,
  targets: Tensor1D,
  smoothing: number,
  weights?: Tensor1D,
): Scalar {
  const [words, vocabulary] = logits.shape;
  const evaluate = tf.customGrad((z, save) => {
    const even = smoothing / vocabulary;
    const labels = tf.oneHot(targets, vocabulary, 1 - smoothing + even, even, 'float32');
    const [losses, gradient] = runNativeKernelWithOutputs(
      'SoftmaxCrossEntropyWithLogits',
      [z as Tensor, labels],
      2,
    ) as [Tensor, Tensor];
    const shares = (weights ?? tf.fill([words], 1 / words)) as Tensor1D;
    (save as unknown as (tensors: Tensor[]) => void)([gradient, shares.reshape([words, 1])]);
    return {
      value: tf.dot(losses as Tensor1D, shares) as Scalar,
      gradFunc: (dy: Tensor, [given, column]: Tensor[]) =>
        tf.mul(given as Tensor, tf.mul(column as Tensor, dy)),
    };
  });
  return evaluate(logits) as Scalar;
}
