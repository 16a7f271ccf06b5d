import { LegendaError } from '../errors.js';
import type { WeightArray, Weights } from '../weights.js';

/** The weights that the layers of an imported graph take over, each layer its own copy: to fold into and to train. */
export class ImportedWeights {
  readonly taken: Weights = new Map();

  /** @param constants by node name. */
  constructor(private readonly constants: ReadonlyMap<string, WeightArray>) {}

  /**
   * Copies a constant for a layer.
   * @returns the weight's name: the constant's, or one of the layer's own if another layer took the constant before.
   * @throws `ENCODER_INVALID` if there is no such constant.
   */
  take(constant: string, layer: string): string {
    const array = this.constants.get(constant);
    if (array === undefined) {
      throw new LegendaError('ENCODER_INVALID', {
        expected: `weights of ${layer}`,
        received: `no values for ${constant}`,
      });
    }
    const name = this.taken.has(constant) ? `${layer}/${constant}` : constant;
    this.taken.set(name, { shape: array.shape, values: array.values.slice() });
    return name;
  }

  /** As `take`, for a bias, which some graphs keep as `[1, 1, 1, c]`. */
  takeVector(constant: string, layer: string): string {
    const name = this.take(constant, layer);
    const { values } = this.taken.get(name) as WeightArray;
    this.taken.set(name, { shape: [values.length], values });
    return name;
  }

  /**
   * y = γ (x − μ) / √(σ² + ε) + β after a convolution x = k ∗ p + b becomes k' = k s, b' = (b − μ) s + β with
   * s = γ / √(σ² + ε) for each output channel (Ioffe and Szegedy 2015, at inference).
   * @returns the name of the bias.
   */
  foldBatchNormalisation(
    layer: { readonly name: string; readonly kernel: string; readonly bias?: string },
    { gamma, beta, mean, variance, epsilon }: BatchNormalisation,
  ): string {
    const kernel = this.taken.get(layer.kernel) as WeightArray;
    const scale = gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
    const values = kernel.values.map((value, index) => value * (scale[index % scale.length] ?? 1));
    this.taken.set(layer.kernel, { shape: kernel.shape, values });
    const old = layer.bias === undefined ? undefined : this.taken.get(layer.bias)?.values;
    const bias = beta.map(
      (value, channel) => value + ((old?.[channel] ?? 0) - (mean[channel] ?? 0)) * (scale[channel] ?? 1),
    );
    const name = layer.bias ?? `${layer.name}/bias`;
    this.taken.set(name, { shape: [bias.length], values: bias });
    return name;
  }
}

/** `[channels]` each. */
export interface BatchNormalisation {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}
