import type { Tensor } from '@tensorflow/tfjs-node';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { tf } from '../../src/tensorflow.js';

/** The network's weights as tensors by name. */
export function encoderTensors(network: EncoderNetwork): Map<string, Tensor> {
  return new Map(
    [...network.weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
}
