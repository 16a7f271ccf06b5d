import { fromOnnxKernel } from '../bundle/kernel-layout.js';
import { LegendaError } from '../errors.js';
import type { WeightArray, Weights } from '../weights.js';
import { ImportedWeights } from './imported-weights.js';
import {
  type Activation,
  type ConvolutionLayer,
  type EncoderInput,
  type EncoderNetwork,
  type Layer,
  PIXELS,
} from './network.js';

interface Form {
  /** Height and width that its weights were trained at, pixels. */
  readonly size: number;
  /** Blocks of each stage; a stage's first block has the stage's stride. */
  readonly blocks: readonly number[];
}

/** Widths, kernel sizes and expansions are those of the weights. */
const FORMS = {
  'efficientnet-lite0': { size: 224, blocks: [1, 2, 2, 3, 3, 4, 1] },
  'efficientnet-lite2': { size: 260, blocks: [1, 3, 3, 4, 4, 5, 1] },
} as const satisfies Record<string, Form>;
const STRIDES = [1, 2, 2, 2, 1, 2, 1];
const EPSILON = 1e-3;

export type EfficientNetLiteName = keyof typeof FORMS;

/** The sizes of EfficientNet-Lite that can be named. */
export const EFFICIENTNET_LITE_NAMES = Object.keys(FORMS) as EfficientNetLiteName[];

/**
 * EfficientNet-Lite (Tan and Le 2019 without squeeze-and-excitation, ReLU6 for swish) with batch normalisation folded in.
 * The feature is the last ReLU6, `[n, size / 32, size / 32, 1280]`; the classifier gives ImageNet's 1,000 logits.
 * @param original weights by the names of the package `efficientnet-lite-pytorch`: kernels `[out, in, height, width]`.
 * @throws `ENCODER_INVALID` naming a weight that is missing.
 */
export function efficientNetLite(name: EfficientNetLiteName, original: Weights): EncoderNetwork {
  const { size, blocks }: Form = FORMS[name];
  const builder = new Builder(original);
  let output = builder.convolution('stem', PIXELS, '_conv_stem', '_bn0', { stride: 2 });
  let index = 0;
  blocks.forEach((count, stage) => {
    for (let block = 0; block < count; block++) {
      output = builder.block(index++, output, block === 0 ? (STRIDES[stage] as number) : 1);
    }
  });
  const feature = builder.convolution('head', output, '_conv_head', '_bn1');
  const classifier = builder.classifier(feature);
  const input: EncoderInput = { height: size, width: size, mean: 127, deviation: 128 };
  return { name, input, layers: builder.layers, feature, classifier, weights: builder.weights.taken };
}

interface ConvolutionOptions {
  readonly stride?: number;
  readonly kind?: ConvolutionLayer['kind'];
  readonly activation?: Activation;
}

class Builder {
  readonly layers: Layer[] = [];
  private readonly constants = new Map<string, WeightArray>();
  readonly weights = new ImportedWeights(this.constants);

  constructor(private readonly original: Weights) {}

  /** Expansion, depthwise convolution, projection; the input is added where shapes allow. @returns the output's name. */
  block(index: number, input: string, stride: number): string {
    const name = `block${index}`;
    const from = `_blocks.${index}`;
    // The first block has nothing to expand, and so one batch normalisation less.
    const expands = this.original.has(`${from}._expand_conv.weight`);
    const wide = expands
      ? this.convolution(`${name}/expand`, input, `${from}._expand_conv`, `${from}._bn0`)
      : input;
    const kind = 'depthwiseConvolution';
    const seen = this.convolution(`${name}/depthwise`, wide, `${from}._depthwise_conv`, `${from}._bn1`, {
      kind,
      stride,
    });
    const activation = 'linear';
    const projected = this.convolution(`${name}/project`, seen, `${from}._project_conv`, `${from}._bn2`, {
      activation,
    });
    const into = expands
      ? this.shapeOf(`${from}._expand_conv.weight`)[1]
      : this.shapeOf(`${from}._depthwise_conv.weight`)[0];
    if (stride !== 1 || into !== this.shapeOf(`${from}._project_conv.weight`)[0]) return projected;
    this.layers.push({ kind: 'add', name: `${name}/add`, inputs: [projected, input] });
    return `${name}/add`;
  }

  convolution(
    name: string,
    input: string,
    from: string,
    normalisation: string,
    { stride = 1, kind = 'convolution', activation = 'relu6' }: ConvolutionOptions = {},
  ): string {
    const kernel = `${name}/kernel`;
    const { shape, values } = this.weight(`${from}.weight`);
    const [out = 0, into = 0, height = 0, width = 0] = shape;
    const own = kind === 'convolution' ? [height, width, into, out] : [height, width, out, 1];
    this.constants.set(kernel, fromOnnxKernel(values, own, kind));
    this.weights.take(kernel, name);
    const bias = this.weights.foldBatchNormalisation(
      { name, kernel },
      {
        gamma: this.weight(`${normalisation}.weight`).values,
        beta: this.weight(`${normalisation}.bias`).values,
        mean: this.weight(`${normalisation}.running_mean`).values,
        variance: this.weight(`${normalisation}.running_var`).values,
        epsilon: EPSILON,
      },
    );
    const window = { strides: [stride, stride], dilations: [1, 1], padding: 'same' } as const;
    this.layers.push({ kind, name, input, kernel, bias, ...window, activation });
    return name;
  }

  /** The mean over the grid, then a dense layer. @returns the output's name. */
  classifier(feature: string): string {
    const [name, kernel, bias] = ['classifier', 'classifier/kernel', 'classifier/bias'];
    const { shape, values } = this.weight('_fc.weight');
    const [classes = 0, channels = 0] = shape;
    const transposed = fromOnnxKernel(values, [1, 1, channels, classes], 'convolution').values;
    this.constants.set(kernel, { shape: [channels, classes], values: transposed });
    this.constants.set(bias, this.weight('_fc.bias'));
    this.weights.take(kernel, name);
    this.weights.take(bias, name);
    this.layers.push(
      { kind: 'globalAveragePooling', name: 'pooling', input: feature, keepDimensions: false },
      { kind: 'dense', name, input: 'pooling', kernel, bias, activation: 'linear' },
    );
    return name;
  }

  private shapeOf(name: string): readonly number[] {
    return this.weight(name).shape;
  }

  private weight(name: string): WeightArray {
    const weight = this.original.get(name);
    if (weight !== undefined) return weight;
    throw new LegendaError('ENCODER_INVALID', {
      expected: `the weight ${name} of EfficientNet-Lite`,
      received: 'none',
    });
  }
}
