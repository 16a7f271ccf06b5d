import type { Random } from '../random.js';
import { sizeOf, type Weights } from '../weights.js';
import type { ConvolutionLayer, EncoderNetwork } from './network.js';
import { PIXELS } from './network.js';

/** Channels of the small network's convolutions; each halves height and width. */
const CHANNELS = [16, 32, 64];

/**
 * A small network with fresh weights, for pictures that no pretrained network is needed for: three convolutions 3×3, each
 * halving the picture, so that 64×64 pixels become a grid of 8×8 cells with 64 channels.
 * Weights: normal with variance 2 / inputs (He et al. 2015); biases zero.
 * @param size height and width of the input, pixels.
 */
export function smallCnn(size: number, random: Random): EncoderNetwork {
  const weights: Weights = new Map();
  const layers: ConvolutionLayer[] = [];
  let channels = 3;
  CHANNELS.forEach((filters, index) => {
    const name = `convolution${index + 1}`;
    const shape = [3, 3, channels, filters];
    const deviation = Math.sqrt(2 / (9 * channels));
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * deviation);
    weights.set(`${name}.kernel`, { shape, values });
    weights.set(`${name}.bias`, { shape: [filters], values: new Float32Array(filters) });
    layers.push({
      kind: 'convolution',
      name,
      input: layers.at(-1)?.name ?? PIXELS,
      kernel: `${name}.kernel`,
      bias: `${name}.bias`,
      strides: [2, 2],
      dilations: [1, 1],
      padding: 'same',
      activation: 'relu6',
    });
    channels = filters;
  });
  const input = { height: size, width: size, mean: 127.5, deviation: 127.5 };
  return { name: 'small-cnn', input, layers, feature: `convolution${CHANNELS.length}`, weights };
}
