import { LegendaError } from '../errors.js';
import type { WeightArray } from '../weights.js';
import { type GraphNode, nodesUpTo, readTopology } from './graph-model-topology.js';
import { ImportedWeights } from './imported-weights.js';
import {
  type Activation,
  type ConvolutionLayer,
  type DenseLayer,
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
  const importer = new Importer(source, nodes, targets);
  for (const node of nodes) importer.take(node);
  return importer.finish();
}

/** Operations that hand their input on unchanged. */
const UNCHANGING = new Set(['Identity', 'Dropout', 'StopGradient']);

const NOT_FOLDABLE = 'other than right after a convolution or dense layer that nothing else reads';

/** Reads one node after the other; each becomes a layer, or is folded into the layer it follows. */
class Importer {
  private readonly layers: Layer[] = [];
  private readonly weights: ImportedWeights;
  /** What a node's output is now: a layer's name, `PIXELS`, or the node's own name if it is a constant. */
  private readonly outputs = new Map<string, string>();
  /** The node whose output an unchanging node hands on. */
  private readonly origins = new Map<string, string>();
  /** How many nodes read each origin's output. */
  private readonly readers = new Map<string, number>();
  private mean: number;
  private deviation: number;

  constructor(
    private readonly source: GraphModelSource,
    nodes: readonly GraphNode[],
    targets: readonly string[],
  ) {
    this.mean = source.input.mean;
    this.deviation = source.input.deviation;
    this.weights = new ImportedWeights(source.constants);
    const read = (name: string) =>
      this.readers.set(this.originOf(name), (this.readers.get(this.originOf(name)) ?? 0) + 1);
    for (const { name, operation, inputs } of nodes) {
      if (UNCHANGING.has(operation)) this.origins.set(name, this.originOf(inputs[0] ?? ''));
      else inputs.forEach(read);
    }
    // What the caller wants is read once more, by the caller.
    targets.forEach(read);
  }

  take(node: GraphNode): void {
    const [first = '', second = '', third = ''] = node.inputs;
    if (UNCHANGING.has(node.operation)) {
      this.outputs.set(node.name, this.outputOf(first));
      return;
    }
    switch (node.operation) {
      case 'Const':
        this.outputs.set(node.name, node.name);
        return;
      case 'Placeholder':
        this.outputs.set(node.name, PIXELS);
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
          ...node.window(),
        });
        return;
      case 'Mean':
        this.takeMean(node, first, second);
        return;
      case 'Squeeze':
      case 'Reshape':
        this.takeFlattening(node, first, second);
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
      weights: this.weights.taken,
    };
  }

  private takeConvolution(node: GraphNode, input: string, kernel: string, bias: string): void {
    const depthwise = node.operation.includes('Depthwise');
    this.add(node, {
      kind: depthwise ? 'depthwiseConvolution' : 'convolution',
      name: node.name,
      input: this.outputOf(input),
      ...this.weighted(node, kernel, bias),
      ...node.window(),
      dilations: node.pair('dilations'),
    });
  }

  private takeDense(node: GraphNode, values: string, kernel: string, bias: string): void {
    if (node.flag('transpose_a') || node.flag('transpose_b')) throw this.unknown(node);
    const input = this.outputOf(values);
    this.add(node, { kind: 'dense', name: node.name, input, ...this.weighted(node, kernel, bias) });
  }

  private takeBias(node: GraphNode, input: string, bias: string): void {
    const layer = this.foldable(input);
    if (layer === undefined || layer.bias !== undefined) throw this.unknown(node, NOT_FOLDABLE);
    this.replace(node, layer, { ...layer, bias: this.weights.takeVector(this.originOf(bias), node.name) });
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
    // Pixels that something else reads too must stay as they are.
    if (this.outputOf(operand) !== PIXELS || this.readers.get(this.originOf(operand)) !== 1)
      throw this.unknown(node, 'of a constant and what are not the pixels alone');
    if (node.operation === 'Mul') this.deviation /= value;
    else this.mean += (node.operation === 'Sub' ? value : -value) * this.deviation;
    this.outputs.set(node.name, PIXELS);
  }

  private takeBatchNormalisation(node: GraphNode): void {
    const [input = '', ...names] = node.inputs;
    const layer = this.foldable(input);
    const [gamma, beta, mean, variance] = names.map((name) => this.constantOf(name)?.values);
    if (!layer || !gamma || !beta || !mean || !variance) throw this.unknown(node, NOT_FOLDABLE);
    const epsilon = node.number('epsilon') ?? 1e-3;
    const bias = this.weights.foldBatchNormalisation(layer, { gamma, beta, mean, variance, epsilon });
    this.replace(node, layer, { ...layer, bias });
  }

  private takeActivation(node: GraphNode, input: string, activation: Activation): void {
    const layer = this.foldable(input);
    if (layer !== undefined) this.replace(node, layer, { ...layer, activation });
    else this.add(node, { kind: 'activation', name: node.name, input: this.outputOf(input), activation });
  }

  private takeMean(node: GraphNode, input: string, axes: string): void {
    const over = [...(this.constantOf(axes)?.values ?? [])].map((axis) => (axis < 0 ? axis + 4 : axis));
    if (over.sort().join() !== '1,2') throw this.unknown(node);
    const keepDimensions = node.flag('keep_dims');
    const from = this.outputOf(input);
    this.add(node, { kind: 'globalAveragePooling', name: node.name, input: from, keepDimensions });
  }

  /** `[n, 1, 1, c]` -> `[n, c]`, or `[n, h, w, c]` -> `[n, h · w · c]`. */
  private takeFlattening(node: GraphNode, input: string, shape: string): void {
    const flat =
      node.operation === 'Squeeze'
        ? ['', '1,2'].includes(node.integers('squeeze_dims').join())
        : this.constantOf(shape)?.values.length === 2;
    if (!flat) throw this.unknown(node, 'to anything but a vector');
    this.add(node, { kind: 'flatten', name: node.name, input: this.outputOf(input) });
  }

  private takeConcatenation(node: GraphNode): void {
    const axis = this.constantOf(node.inputs.at(-1) ?? '')?.values[0];
    if (axis !== 3 && axis !== -1) throw this.unknown(node);
    const inputs = node.inputs.slice(0, -1).map((input) => this.outputOf(input));
    this.add(node, { kind: 'concatenate', name: node.name, inputs });
  }

  /** Kernel, bias and activation of an operation, which may have the last two fused into it. */
  private weighted(node: GraphNode, kernel: string, bias: string) {
    const fused = node.strings('fused_ops');
    const hasBias = fused[0] === 'BiasAdd';
    const [activation = 'Linear', ...rest] = hasBias ? fused.slice(1) : fused;
    if (rest.length > 0 || !['Linear', 'Relu', 'Relu6', 'Sigmoid', 'Tanh'].includes(activation))
      throw this.unknown(node, `with ${fused.join(', ')}`);
    return {
      kernel: this.weights.take(this.originOf(kernel), node.name),
      ...(hasBias ? { bias: this.weights.takeVector(this.originOf(bias), node.name) } : {}),
      activation: activation.toLowerCase() as Activation,
    };
  }

  /** The layer behind a node if it is still linear and one operation alone reads it, which can be folded into it. */
  private foldable(node: string): ConvolutionLayer | DenseLayer | undefined {
    const layer = this.layers.find(({ name }) => name === this.outputs.get(node));
    const linear = layer !== undefined && 'kernel' in layer && layer.activation === 'linear';
    return linear && this.readers.get(this.originOf(node)) === 1 ? layer : undefined;
  }

  private originOf(node: string): string {
    return this.origins.get(node) ?? node;
  }

  private add(node: GraphNode, layer: Layer): void {
    for (const input of inputsOf(layer)) {
      if (this.source.constants.has(input)) throw this.unknown(node, `of the constant ${input}`);
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
    return this.source.constants.get(this.originOf(node));
  }

  private unknown(node: GraphNode, detail?: string): LegendaError {
    return new LegendaError('ENCODER_OPERATION_UNKNOWN', {
      expected: 'convolution, depthwise convolution, dense, pooling, add, concatenate and activation layers',
      received: `${node.operation}${detail === undefined ? '' : ` ${detail}`} at ${node.name}`,
    });
  }
}
