import { LegendaError } from '../errors.js';
import type { WeightArray } from '../weights.js';
import { type GraphNode, nodesUpTo, readTopology } from './graph-model-topology.js';
import {
  type Activation,
  type EncoderInput,
  type EncoderNetwork,
  inputsOf,
  type Layer,
  PIXELS,
} from './network.js';

export interface GraphModelSource {
  readonly name: string;
  /** The `modelTopology` of a TF.js GraphModel: a TensorFlow GraphDef in JSON. */
  readonly topology: unknown;
  /** Constants by node name. Integer constants (axes, shapes) as floats. */
  readonly constants: ReadonlyMap<string, WeightArray>;
  readonly input: EncoderInput;
  /** The node whose output is the feature grid `[n, h, w, c]` or `[n, c]`. */
  readonly feature: string;
  /** The node whose output is the class logits `[n, classes]`, if wanted. */
  readonly classifier?: string;
}

/**
 * A TF.js GraphModel as a list of layers: only what the feature and the classifier need; biases, activations, batch
 * normalisation and the scaling of pixels are folded into their layers.
 * @throws `ENCODER_OPERATION_UNKNOWN` naming the operation and its node; `ENCODER_INVALID` for a missing node.
 */
export function importGraphModel(source: GraphModelSource): EncoderNetwork {
  const targets = source.classifier === undefined ? [source.feature] : [source.feature, source.classifier];
  const nodes = nodesUpTo(readTopology(source.topology), targets);
  const importer = new Importer(source, nodes, new Set(targets));
  for (const node of nodes) importer.take(node);
  return importer.finish();
}

/** Reads one node after the other; each becomes a layer, or is folded into the layer it follows. */
class Importer {
  private readonly layers: Layer[] = [];
  private readonly weights = new Map<string, WeightArray>();
  /** What a node's output is now: a layer's name, `PIXELS`, or the node's own name if it is a constant. */
  private readonly outputs = new Map<string, string>();
  private readonly consumers = new Map<string, number>();
  private mean: number;
  private deviation: number;

  constructor(
    private readonly source: GraphModelSource,
    nodes: readonly GraphNode[],
    private readonly targets: ReadonlySet<string>,
  ) {
    this.mean = source.input.mean;
    this.deviation = source.input.deviation;
    for (const node of nodes) {
      for (const input of node.inputs) this.consumers.set(input, (this.consumers.get(input) ?? 0) + 1);
    }
  }

  take(node: GraphNode): void {
    const [first = '', second = '', third] = node.inputs;
    switch (node.operation) {
      case 'Const':
        this.outputs.set(node.name, node.name);
        return;
      case 'Placeholder':
        this.outputs.set(node.name, PIXELS);
        return;
      case 'Identity':
      case 'Dropout':
      case 'StopGradient':
        this.outputs.set(node.name, this.outputOf(first));
        return;
      case '_FusedConv2D':
      case 'Conv2D':
      case 'FusedDepthwiseConv2dNative':
      case 'DepthwiseConv2dNative':
        this.takeConvolution(node, first, second, third);
        return;
      case '_FusedMatMul':
      case 'MatMul':
        this.takeDense(node, first, second, third);
        return;
      case 'BiasAdd':
        this.takeBias(node, first, second);
        return;
      case 'Add':
      case 'AddV2':
      case 'Sub':
      case 'Mul':
        this.takeArithmetic(node, first, second);
        return;
      case 'FusedBatchNorm':
      case 'FusedBatchNormV2':
      case 'FusedBatchNormV3':
        this.takeBatchNormalisation(node);
        return;
      case 'Relu':
      case 'Relu6':
      case 'Sigmoid':
      case 'Tanh':
      case 'Softmax':
        this.takeActivation(node, first, node.operation.toLowerCase() as Activation);
        return;
      case 'MaxPool':
      case 'AvgPool':
        this.add(node, {
          kind: node.operation === 'MaxPool' ? 'maxPooling' : 'averagePooling',
          name: node.name,
          input: this.outputOf(first),
          size: node.pair('ksize'),
          strides: node.pair('strides'),
          padding: node.padding(),
        });
        return;
      case 'Mean':
        this.takeMean(node, first, second);
        return;
      case 'Squeeze':
      case 'Reshape':
        this.add(node, { kind: 'flatten', name: node.name, input: this.outputOf(first) });
        return;
      case 'ConcatV2':
        this.takeConcatenation(node);
        return;
      default:
        throw this.unknown(node);
    }
  }

  finish(): EncoderNetwork {
    const { name, input, feature, classifier } = this.source;
    return {
      name,
      input: { ...input, mean: this.mean, deviation: this.deviation },
      layers: this.layers,
      feature: this.outputOf(feature),
      ...(classifier === undefined ? {} : { classifier: this.outputOf(classifier) }),
      weights: this.weights,
    };
  }

  private takeConvolution(node: GraphNode, input: string, kernel: string, bias: string | undefined): void {
    const depthwise = node.operation.includes('Depthwise');
    const { hasBias, activation } = this.fusedInto(node);
    this.add(node, {
      kind: depthwise ? 'depthwiseConvolution' : 'convolution',
      name: node.name,
      input: this.outputOf(input),
      kernel: this.weight(kernel),
      ...(hasBias && bias !== undefined ? { bias: this.vector(bias) } : {}),
      strides: node.pair('strides'),
      dilations: node.pair('dilations'),
      padding: node.padding(),
      activation,
    });
  }

  private takeDense(node: GraphNode, input: string, kernel: string, bias: string | undefined): void {
    if (node.flag('transpose_a') || node.flag('transpose_b')) throw this.unknown(node);
    const { hasBias, activation } = this.fusedInto(node);
    this.add(node, {
      kind: 'dense',
      name: node.name,
      input: this.outputOf(input),
      kernel: this.weight(kernel),
      ...(hasBias && bias !== undefined ? { bias: this.vector(bias) } : {}),
      activation,
    });
  }

  private takeBias(node: GraphNode, input: string, bias: string): void {
    const layer = this.foldable(input);
    if (layer === undefined || !('kernel' in layer) || layer.bias !== undefined) throw this.unknown(node);
    this.replace(node, layer, { ...layer, bias: this.vector(bias) });
  }

  /** A sum of two layers; or, with a constant, the scaling of pixels before the first layer. */
  private takeArithmetic(node: GraphNode, first: string, second: string): void {
    const constant =
      this.constantOf(second) ?? (node.operation === 'Sub' ? undefined : this.constantOf(first));
    const operand = this.constantOf(second) !== undefined ? first : second;
    if (constant === undefined) {
      if (node.operation !== 'Add' && node.operation !== 'AddV2') throw this.unknown(node);
      this.add(node, { kind: 'add', name: node.name, inputs: [this.outputOf(first), this.outputOf(second)] });
      return;
    }
    const [value] = constant.values;
    if (value === undefined || constant.values.some((other) => other !== value)) throw this.unknown(node);
    if (this.outputOf(operand) !== PIXELS) throw this.unknown(node);
    if (node.operation === 'Mul') this.deviation /= value;
    else this.mean += (node.operation === 'Sub' ? value : -value) * this.deviation;
    this.outputs.set(node.name, PIXELS);
  }

  /** y = γ (x − μ) / √(σ² + ε) + β folded into the convolution before it: kernel · s, (bias − μ) s + β. */
  private takeBatchNormalisation(node: GraphNode): void {
    const [input = '', ...names] = node.inputs;
    const layer = this.foldable(input);
    const [gamma, beta, mean, variance] = names.map((name) => this.constantOf(name)?.values);
    const convolution = layer?.kind === 'convolution' || layer?.kind === 'depthwiseConvolution';
    if (!convolution || !gamma || !beta || !mean || !variance) throw this.unknown(node);
    const epsilon = node.number('epsilon') ?? 1e-3;
    const kernel = this.weights.get(layer.kernel);
    if (kernel === undefined) throw this.unknown(node);
    const scale = gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
    const values = kernel.values.map((value, index) => value * (scale[index % scale.length] ?? 1));
    this.weights.set(layer.kernel, { shape: kernel.shape, values });
    const old = layer.bias === undefined ? undefined : this.weights.get(layer.bias)?.values;
    const bias = beta.map(
      (value, channel) => value + ((old?.[channel] ?? 0) - (mean[channel] ?? 0)) * (scale[channel] ?? 1),
    );
    const biasName = layer.bias ?? `${layer.name}/bias`;
    this.weights.set(biasName, { shape: [bias.length], values: bias });
    this.replace(node, layer, { ...layer, bias: biasName });
  }

  private takeActivation(node: GraphNode, input: string, activation: Activation): void {
    const layer = this.foldable(input);
    if (layer !== undefined && 'kernel' in layer) this.replace(node, layer, { ...layer, activation });
    else this.add(node, { kind: 'activation', name: node.name, input: this.outputOf(input), activation });
  }

  private takeMean(node: GraphNode, input: string, axes: string): void {
    const over = [...(this.constantOf(axes)?.values ?? [])].map((axis) => (axis < 0 ? axis + 4 : axis));
    if (over.sort().join() !== '1,2') throw this.unknown(node);
    const keepDimensions = node.flag('keep_dims');
    this.add(node, {
      kind: 'globalAveragePooling',
      name: node.name,
      input: this.outputOf(input),
      keepDimensions,
    });
  }

  private takeConcatenation(node: GraphNode): void {
    const axis = this.constantOf(node.inputs.at(-1) ?? '')?.values[0];
    if (axis !== 3 && axis !== -1) throw this.unknown(node);
    const inputs = node.inputs.slice(0, -1).map((input) => this.outputOf(input));
    this.add(node, { kind: 'concatenate', name: node.name, inputs });
  }

  /** What a fused operation adds to its kernel. */
  private fusedInto(node: GraphNode): { hasBias: boolean; activation: Activation } {
    const [first, ...rest] = node.strings('fused_ops');
    const [activation = 'linear'] = (first === 'BiasAdd' ? rest : [first ?? 'Linear']).map((name) =>
      name.toLowerCase(),
    );
    if (!['linear', 'relu', 'relu6', 'sigmoid', 'tanh'].includes(activation))
      throw this.unknown(node, activation);
    return { hasBias: first === 'BiasAdd', activation: activation as Activation };
  }

  /** The linear layer behind a node, if nothing but one operation reads it, so that the operation can be folded into it. */
  private foldable(node: string): Layer | undefined {
    const layer = this.layers.find(({ name }) => name === this.outputs.get(node));
    const linear = layer !== undefined && (!('activation' in layer) || layer.activation === 'linear');
    return linear && this.consumers.get(node) === 1 && !this.targets.has(node) ? layer : undefined;
  }

  private add(node: GraphNode, layer: Layer): void {
    for (const input of inputsOf(layer)) {
      if (this.source.constants.has(input)) throw this.unknown(node, `constant ${input}`);
    }
    this.layers.push(layer);
    this.outputs.set(node.name, node.name);
  }

  /** Puts the layer with more folded in under the name of the node that was folded. */
  private replace(node: GraphNode, old: Layer, layer: Layer): void {
    this.layers[this.layers.indexOf(old)] = { ...layer, name: node.name };
    this.outputs.set(node.name, node.name);
  }

  private outputOf(node: string): string {
    const output = this.outputs.get(node);
    if (output === undefined)
      throw new LegendaError('ENCODER_INVALID', { expected: `a node ${node} before it is read` });
    return output;
  }

  private constantOf(node: string): WeightArray | undefined {
    return this.source.constants.get(this.outputs.get(node) ?? node);
  }

  private weight(node: string): string {
    const name = this.outputs.get(node) ?? node;
    const array = this.source.constants.get(name);
    if (array === undefined) {
      throw new LegendaError('ENCODER_INVALID', {
        expected: `weights for ${node}`,
        received: 'none in the file',
      });
    }
    // A copy: the network's weights are its own, to fold into and to train.
    this.weights.set(name, { shape: array.shape, values: array.values.slice() });
    return name;
  }

  /** A weight as a vector: some graphs keep biases as [1, 1, 1, c]. */
  private vector(node: string): string {
    const name = this.weight(node);
    const array = this.weights.get(name);
    if (array !== undefined) this.weights.set(name, { shape: [array.values.length], values: array.values });
    return name;
  }

  private unknown(node: GraphNode, detail?: string): LegendaError {
    return new LegendaError('ENCODER_OPERATION_UNKNOWN', {
      expected: 'convolution, depthwise convolution, dense, pooling, add, concatenate and activation layers',
      received: `${node.operation}${detail === undefined ? '' : ` (${detail})`} at ${node.name}`,
    });
  }
}
