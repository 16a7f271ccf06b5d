import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import type { EncoderNetwork } from '../encoder/network.js';
import { runEncoder } from '../encoder/run.js';
import { LegendaError } from '../errors.js';
import { runNativeKernelWithOutputs } from '../native-kernels.js';
import { tf, tidy, withoutGradients } from '../tensorflow.js';
import type { TrainingConfiguration } from './configuration.js';

/** The encoder as it was when stage `endToEnd` began: what it said of a picture is what it should go on to say. */
export class OriginalEncoder {
  private readonly tensors: ReadonlyMap<string, Tensor>;

  constructor(private readonly network: EncoderNetwork) {
    this.tensors = new Map(
      [...network.weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
    );
  }

  /** Class logits `[images, classes]` of normalised pixels; no gradient goes through them. */
  classLogits(pixels: Tensor4D): Tensor2D {
    // By way of numbers, since tensors do not outlive work without gradients: they are few.
    const { values, shape } = withoutGradients(() => {
      const [logits] = runEncoder(this.network, this.tensors, pixels, [this.network.classifier ?? '']);
      return { values: logits?.dataSync() ?? [], shape: logits?.shape ?? [] };
    });
    const [images = 0] = shape;
    return tf.tensor2d(values, [images, values.length / images]);
  }

  dispose(): void {
    tf.dispose([...this.tensors.values()]);
  }
}

/**
 * How far class probabilities p have moved from the original q (Hinton et al. 2015, at temperature 1), nats an image:
 *
 *     mean_b Σ_c q_bc (log q_bc − log p_bc)
 *
 * @param present logits of p, through which the gradient goes. @param original logits of q. Both `[images, classes]`.
 */
export function divergence(present: Tensor2D, original: Tensor2D): Scalar {
  const [images] = original.shape;
  const evaluate = tf.customGrad((z, save) => {
    const targets = tf.softmax(original);
    const crossEntropy = (logits: Tensor) =>
      runNativeKernelWithOutputs('SoftmaxCrossEntropyWithLogits', [logits, targets], 2) as [Tensor, Tensor];
    const [moved, gradient] = crossEntropy(z as Tensor);
    const [entropy] = crossEntropy(original);
    (save as unknown as (tensors: Tensor[]) => void)([gradient]);
    return {
      value: tf.mean(tf.sub(moved, entropy)) as Scalar,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] as Tensor, tf.div(dy, images)),
    };
  });
  return tidy(() => evaluate(present) as Scalar);
}

/** @throws `CONFIGURATION_INVALID` if distillation is asked for and the encoder has no classifier. */
export function requireClassifier(configuration: TrainingConfiguration, network: EncoderNetwork): void {
  const { epochs, distillation } = configuration.stages.endToEnd;
  if (epochs === 0 || distillation === 0 || network.classifier !== undefined) return;
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'an encoder with a classifier for stages.endToEnd.distillation',
    received: `${network.name}, which has none`,
    advice:
      'take an encoder with one at the size that it is made for (of a GraphModel, name the node of its class logits in ' +
      'encoder.classifier), or set stages.endToEnd.distillation to 0',
  });
}
