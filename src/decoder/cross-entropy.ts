import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { runNativeKernelWithOutputs } from '../native-kernels.js';
import { tf } from '../tensorflow.js';

/**
 * Mean cross-entropy against smoothed targets (Szegedy et al. 2016, section 7), in nats a word:
 *
 *     q = (1 − ε) onehot(target) + ε / V          loss = mean_p Σ_v −q_v log softmax(logits_p)_v
 *
 * Loss and gradient come from one kernel, in place of five passes over the logits.
 *
 * @param logits `[P, V]`. @param targets `[P]`, int32. @param smoothing ε.
 */
export function crossEntropy(logits: Tensor2D, targets: Tensor1D, smoothing: number): Scalar {
  const [words, vocabulary] = logits.shape;
  const evaluate = tf.customGrad((z, save) => {
    const even = smoothing / vocabulary;
    const labels = tf.oneHot(targets, vocabulary, 1 - smoothing + even, even, 'float32');
    const [losses, gradient] = runNativeKernelWithOutputs(
      'SoftmaxCrossEntropyWithLogits',
      [z as Tensor, labels],
      2,
    ) as [Tensor, Tensor];
    (save as unknown as (tensors: Tensor[]) => void)([gradient]);
    return {
      value: tf.mean(losses) as Scalar,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] as Tensor, tf.div(dy, words)),
    };
  });
  return evaluate(logits) as Scalar;
}
