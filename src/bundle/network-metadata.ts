import { z } from 'zod';
import type { EncoderNetwork } from '../encoder/network.js';
import type { Weights } from '../weights.js';
import { networkWeightName } from './encoder-layers.js';
import { fromOnnxKernel } from './kernel-layout.js';

/** The key of an encoder.onnx's metadata under which its network stands as JSON, all but the weights' values. */
export const NETWORK_KEY = 'legenda.network';

const pair = z.tuple([z.int(), z.int()]);
const activation = z.enum(['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'softmax']);
const padding = z.enum(['same', 'valid']);
const named = { name: z.string(), input: z.string() };
const weighted = { kernel: z.string(), bias: z.string().exactOptional(), activation };
const convolution = { ...named, ...weighted, strides: pair, dilations: pair, padding };
const pooling = { ...named, size: pair, strides: pair, padding };
const joining = { name: z.string(), inputs: z.array(z.string()) };

const layerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['convolution', 'depthwiseConvolution']), ...convolution }),
  z.object({ kind: z.literal('dense'), ...named, ...weighted }),
  z.object({ kind: z.enum(['maxPooling', 'averagePooling']), ...pooling }),
  z.object({ kind: z.literal('globalAveragePooling'), ...named, keepDimensions: z.boolean() }),
  z.object({ kind: z.literal('flatten'), ...named }),
  z.object({ kind: z.enum(['add', 'concatenate']), ...joining }),
  z.object({ kind: z.literal('activation'), ...named, activation }),
]);

/** All of an encoder but its weights. */
export const networkFormSchema = z.object({
  name: z.string(),
  input: z.object({ height: z.int(), width: z.int(), mean: z.number(), deviation: z.number() }),
  layers: z.array(layerSchema),
  feature: z.string(),
  classifier: z.string().exactOptional(),
});

const networkSchema = networkFormSchema.extend({
  weights: z.array(z.object({ name: z.string(), shape: z.array(z.int()) })),
});

/** The network as JSON, its weights by name and shape only. Weights that no layer uses are left out. */
export function describeNetwork(network: EncoderNetwork): string {
  const used = new Set(
    network.layers.flatMap((layer) => ('kernel' in layer ? [layer.kernel, layer.bias] : [])),
  );
  const weights = [...network.weights]
    .filter(([name]) => used.has(name))
    .map(([name, { shape }]) => ({ name, shape: [...shape] }));
  return JSON.stringify(networkSchema.parse({ ...network, weights }));
}

/** The network that {@link describeNetwork} described. @param stored the file's weights. @throws Error if it is not whole. */
export function restoreNetwork(description: string, stored: Weights): EncoderNetwork {
  const { weights: described, ...network } = networkSchema.parse(JSON.parse(description));
  const layers = network.layers as EncoderNetwork['layers'];
  const kernels = new Map<string, 'convolution' | 'depthwiseConvolution'>();
  for (const layer of layers) {
    if (layer.kind === 'convolution' || layer.kind === 'depthwiseConvolution') {
      kernels.set(layer.kernel, layer.kind);
    }
  }
  const weights: Weights = new Map();
  for (const { name, shape } of described) {
    const values = stored.get(networkWeightName(name))?.values;
    if (!values) throw new Error(`the weight ${name} is missing`);
    const kind = kernels.get(name);
    weights.set(name, kind ? fromOnnxKernel(values, shape, kind) : { shape, values });
  }
  return { ...network, layers, weights };
}
