import type { Tensor3D, Variable } from '@tensorflow/tfjs-node';
import type { DecoderConfiguration, DecoderSizes } from '../../src/decoder/configuration.js';
import { decoderWeightShapes } from '../../src/decoder/weight-shapes.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { sizeOf } from '../../src/weights.js';

/** A decoder with random weights as variables, and the features of some images. */
export function randomDecoderVariables(
  configuration: DecoderConfiguration,
  sizes: DecoderSizes,
  images: number,
  deviation = 0.5,
  seed = 7,
): { tensors: Map<string, Variable>; grid: Tensor3D } {
  const random = new Random(seed);
  const normal = (shape: readonly number[], deviation: number) =>
    tf.tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()),
      [...shape],
    );
  const tensors = new Map<string, Variable>();
  for (const [name, shape] of decoderWeightShapes(configuration, sizes))
    tensors.set(name, tf.variable(normal(shape, deviation)));
  return { tensors, grid: normal([images, sizes.gridCells, sizes.channels], 1) as Tensor3D };
}
