import type { Random } from '../random.js';
import { sizeOf, type Weights } from '../weights.js';
import type { ConvolutionLayer, EncoderNetwork } from './network.js';
import { PIXELS } from './network.js';

/** Channels and strides of the convolutions. The last two see 47 pixels across: enough for what things are, and where. */
const CONVOLUTIONS = [
  { filters: 16, stride: 2 },
  { filters: 32, stride: 2 },
  { filters: 64, stride: 2 },
  { filters: 96, stride: 1 },
  { filters: 96, stride: 1 },
] as const;

/**
 * A small network with fresh weights, for pictures that no pretrained network is needed for: five convolutions 3×3, of
 * which three halve the picture, so that 64×64 pixels become a grid of 8×8 cells with 96 channels.
 * Weights: normal with variance 2 / inputs (He et al. 2015); biases zero.
 * @param size height and width of the input, pixels.
 */
export function smallCnn(size: number, random: Random): EncoderNetwork {
  const weights: Weights = new Map();
  const layers: ConvolutionLayer[] = [];
  let channels = 3;
  CONVOLUTIONS.forEach(({ filters, stride }, index) => {
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
      strides: [stride, stride],
      dilations: [1, 1],
      padding: 'same',
      activation: 'relu6',
    });
    channels = filters;
  });
  const input = { height: size, width: size, mean: 127.5, deviation: 127.5 };
  return { name: 'small-cnn', input, layers, feature: `convolution${CONVOLUTIONS.length}`, weights };
}
