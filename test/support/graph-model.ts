import type { NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { importGraphModel } from '../../src/encoder/from-graph-model.js';
import type { EncoderInput, EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { sizeOf, type WeightArray } from '../../src/weights.js';
import { randomWeight } from './tiny-bundle.js';

/** An attribute of a node: a string, whole numbers, strings, a flag or a number. */
type Attribute = string | readonly number[] | readonly string[] | boolean | number;

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** Writes a TF.js GraphModel by hand, node by node, as its converter does. Each method returns the node's name. */
export class GraphModelBuilder {
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, WeightArray & { dtype: 'float32' | 'int32' }>();
  private readonly random = new Random(1);

  constructor() {
    this.node('image', 'Placeholder', []);
  }

  node(
    name: string,
    op: string,
    input: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const attr = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, encode(value)]));
    if ('fused_ops' in attributes) attr.num_args = encode(input.length - 2);
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  /** @param values by default random, of the size that keeps activations near 1. */
  weight(name: string, shape: readonly number[], values?: readonly number[]): string {
    const inputs = sizeOf(shape) / (shape.at(-1) ?? 1);
    const array =
      values === undefined
        ? randomWeight(shape, this.random, 1 / Math.sqrt(inputs))
        : { shape, values: Float32Array.from(values) };
    this.constants.set(name, { ...array, dtype: 'float32' });
    return this.node(name, 'Const', []);
  }

  integers(name: string, values: readonly number[]): string {
    const shape = [values.length];
    this.constants.set(name, { shape, values: Float32Array.from(values), dtype: 'int32' });
    return this.node(name, 'Const', []);
  }

  /** An unfused convolution 3x3, or depthwise with one output a channel. */
  convolution(name: string, input: string, channels: readonly [number, number], depthwise = false): string {
    const kernel = this.weight(`${name}/kernel`, [3, 3, channels[0], depthwise ? 1 : channels[1]]);
    const operation = depthwise ? 'DepthwiseConv2dNative' : 'Conv2D';
    return this.node(name, operation, [input, kernel], WINDOW);
  }

  /** A normalisation with statistics of its own. */
  batchNormalisation(name: string, input: string, channels: number, epsilon = 0.01): string {
    const statistics = ['gamma', 'beta', 'mean', 'variance'].map((part) => {
      const values = Array.from({ length: channels }, () => this.random.normal());
      return this.weight(`${name}/${part}`, [channels], part === 'variance' ? values.map(Math.exp) : values);
    });
    return this.node(name, 'FusedBatchNormV3', [input, ...statistics], { epsilon, is_training: false });
  }

  get topology() {
    return { node: this.nodes, versions: { producer: 1, minConsumer: 1 } };
  }

  artifacts() {
    const specs = [...this.constants].map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype }));
    const data = [...this.constants.values()].map(({ values, dtype }) =>
      dtype === 'int32' ? Int32Array.from(values) : values,
    );
    const bytes = Buffer.concat(data.map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)));
    return {
      format: 'graph-model',
      modelTopology: this.topology,
      weightSpecs: specs,
      weightData: Uint8Array.from(bytes).buffer,
    };
  }

  /** The model as Legenda imports it. */
  imported(feature: string, options: { input?: EncoderInput; classifier?: string } = {}): EncoderNetwork {
    const { input = INPUT, ...rest } = options;
    const { topology, constants } = this;
    return importGraphModel({ name: 'by-hand', topology, constants, input, feature, ...rest });
  }

  /** What TF.js itself makes of the model. */
  async executed(images: Tensor4D, output: string): Promise<Tensor> {
    const model = await tf.loadGraphModel(tf.io.fromMemory(this.artifacts()));
    const inputs: NamedTensorMap = { image: images };
    const result = model.execute(inputs, output) as Tensor;
    model.dispose();
    return result;
  }
}

/** Pictures of 12x10 pixels, given as they are. */
export const INPUT = { height: 12, width: 10, mean: 0, deviation: 1 } as const;

/** Stride 1, padding to the same size. */
export const WINDOW = { strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], padding: 'SAME' } as const;

function encode(value: Attribute): unknown {
  if (typeof value === 'string') return { s: base64(value) };
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { i: String(value) } : { f: value };
  return value.every((entry) => typeof entry === 'number')
    ? { list: { i: value.map(String) } }
    : { list: { s: value.map((entry) => base64(String(entry))) } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
