import type { EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { randomWeight } from './tiny-bundle.js';

/** A network with every kind of layer, ending in the 4x4 grid of 12 channels that tiny bundles have. */
export function everyKind(): EncoderNetwork {
  const random = new Random(9);
  const rest = { strides: [1, 1], dilations: [1, 1], padding: 'same', activation: 'relu' } as const;
  const pooling = { size: [2, 2], strides: [2, 2], padding: 'valid' } as const;
  return {
    name: 'every kind',
    input: { height: 32, width: 32, mean: 0, deviation: 255 },
    layers: [
      { kind: 'maxPooling', name: 'max', input: 'pixels', ...pooling },
      { kind: 'averagePooling', name: 'average', input: 'max', ...pooling },
      { kind: 'depthwiseConvolution', name: 'depthwise', input: 'average', kernel: 'z', ...rest },
      { kind: 'activation', name: 'bent', input: 'depthwise', activation: 'tanh' },
      { kind: 'add', name: 'sum', inputs: ['bent', 'depthwise'] },
      { kind: 'convolution', name: 'halved', input: 'sum', kernel: 'a', bias: 'b', ...rest, strides: [2, 2] },
      { kind: 'concatenate', name: 'joined', inputs: ['halved', 'halved'] },
      { kind: 'globalAveragePooling', name: 'mean', input: 'joined', keepDimensions: true },
      { kind: 'flatten', name: 'flat', input: 'mean' },
      { kind: 'dense', name: 'logits', input: 'flat', kernel: 'dense', bias: 'c', activation: 'linear' },
    ],
    feature: 'joined',
    classifier: 'logits',
    weights: new Map([
      ['z', randomWeight([3, 2, 3, 2], random, 1)],
      ['dense', randomWeight([12, 7], random, 1)],
      ['c', randomWeight([7], random, 1)],
      ['a', randomWeight([3, 1, 6, 6], random, 1)],
      ['b', randomWeight([6], random, 1)],
    ]),
  };
}
