import type { Tensor4D } from '@tensorflow/tfjs-node';
import type { EncoderNetwork } from '../encoder/network.js';
import { normalisePixels } from '../encoder/run.js';
import { decodeImage, type Fit } from '../images/index.js';
import { tf } from '../tensorflow.js';

/** Reads pictures at the size of the network. */
export interface PixelLoader {
  readonly fit: Fit;
  /** `[height, width, 3]`, 0…255. */
  load(path: string): Promise<Uint8Array>;
}

export function pixelLoader(network: EncoderNetwork, fit: Fit): PixelLoader {
  const { width, height } = network.input;
  return { fit, load: async (path) => (await decodeImage(path, { width, height, fit })).pixels };
}

/** Pictures as the network's normalised input, `[images, height, width, 3]`. */
export function toTensor(network: EncoderNetwork, pictures: readonly Uint8Array[]): Tensor4D {
  const { height, width } = network.input;
  const size = height * width * 3;
  const joined = new Int32Array(pictures.length * size);
  pictures.forEach((pixels, index) => {
    joined.set(pixels, index * size);
  });
  return tf.tidy(() =>
    normalisePixels(network, tf.tensor4d(joined, [pictures.length, height, width, 3], 'int32')),
  );
}
