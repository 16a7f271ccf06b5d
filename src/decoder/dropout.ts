import type { Tensor } from '@tensorflow/tfjs-node';
import { randomUniform } from '../native-kernels.js';
import type { Random } from '../random.js';
import { tf } from '../tensorflow.js';

/**
 * Inverted dropout (Srivastava et al. 2014): a share of the values becomes zero, the others grow so that the mean stays.
 * @param random draws the mask's seed; without it (not training) the values pass unchanged.
 */
export function dropout<T extends Tensor>(values: T, share: number, random: Random | undefined): T {
  if (random === undefined || share === 0) return values;
  return tf.tidy(() => {
    const kept = tf.greaterEqual(randomUniform(values.shape, random), share).toFloat();
    return tf.mul<T>(values, tf.div(kept, 1 - share));
  });
}
