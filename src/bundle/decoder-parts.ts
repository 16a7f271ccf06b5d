import { type DecoderConfiguration, GATES, STATES } from '../decoder/configuration.js';
import type { WeightArray, Weights } from '../weights.js';
import { type Arithmetic, operands, type Product, quantiseKernel, rounded } from './arithmetic.js';
import type { OnnxGraph } from './onnx-graph.js';
import { storeNumbers, storeWeight } from './weight-storage.js';

/** The name under which a bundle's graphs store a weight of the decoder. */
export function decoderWeightName(name: string): string {
  return `decoder/${name}`;
}

/** What a kernel is multiplied with, in a calibration. */
export function inputName(kernel: string): string {
  return `${decoderWeightName(kernel)}:input`;
}

/**
 * The decoder's equations as ONNX nodes, shared by the two graphs of a bundle. Rows R = images B × captions K are merged,
 * so that every product with weights is one matrix product. Equations and shapes: `decoder/weight-shapes.ts`.
 */
export class DecoderParts {
  constructor(
    readonly graph: OnnxGraph,
    readonly configuration: DecoderConfiguration,
    private readonly weights: Weights,
    private readonly arithmetic: Arithmetic,
  ) {}

  weight(name: string): string {
    const weight = this.weights.get(name) as WeightArray;
    return storeWeight(this.graph, decoderWeightName(name), weight, this.arithmetic.precision);
  }

  /** Some rows of a weight, stored under a name of their own. */
  rowsOf(name: string, rows: readonly number[], storedAs: string): string {
    const { shape, values } = this.weights.get(name) as WeightArray;
    const width = shape.at(-1) as number;
    const chosen = new Float32Array(rows.length * width);
    rows.forEach((row, index) => {
      chosen.set(values.subarray(row * width, (row + 1) * width), index * width);
    });
    return storeWeight(
      this.graph,
      storedAs,
      { shape: [rows.length, width], values: chosen },
      this.arithmetic.precision,
    );
  }

  /** `x W + b`, or `x W`. @param input `[R, in]`. */
  affine(input: string, kernel: string, bias?: string): string {
    const weight = this.weights.get(kernel) as WeightArray;
    const [, units = 1] = weight.shape;
    const product = this.product(input, kernel, bias, 1, (place) => Math.floor(place / units));
    return this.graph.node('Gemm', operands(this.graph, this.arithmetic, product));
  }

  /** relu(x), rounded to bytes in int8: their range begins at 0, so rounding clips as ReLU does. @param name in a calibration. */
  relu(input: string, name: string): string {
    const { graph, arithmetic } = this;
    const activation = decoderWeightName(name);
    if (arithmetic.calibration?.has(activation)) return rounded(graph, arithmetic, activation, input);
    const output = graph.node('Relu', [input]);
    graph.show(activation, output);
    return output;
  }

  /** The words' embeddings. @param tokens `[R]`. @returns `[R, E]`. */
  embed(tokens: string): string {
    const { graph, arithmetic } = this;
    const product = this.wordProduct('');
    const activation = arithmetic.calibration?.get(product.activation);
    if (activation === undefined || !this.configuration.tieEmbedding) {
      return graph.node('Gather', [this.weight('embedding'), tokens], { axis: 0 });
    }
    const { name } = product.kernel;
    const { numbers, scales, zeros } = storeNumbers(graph, name, quantiseKernel(product, activation));
    const [chosen, itsScales, itsZeros] = [numbers, scales, zeros].map((stored) =>
      graph.node('Gather', [stored, tokens], { axis: 0 }),
    ) as [string, string, string];
    return graph.node('DequantizeLinear', [chosen, itsScales, itsZeros], { axis: 0 });
  }

  /** The words' logits. @param written `[R, E]`. @returns `[R, V]`. */
  wordLogits(written: string): string {
    if (!this.configuration.tieEmbedding) return this.affine(written, 'words.kernel', 'words.bias');
    const inputs = operands(this.graph, this.arithmetic, this.wordProduct(written));
    return this.graph.node('Gemm', inputs, { transB: 1 });
  }

  /** logit = embed · x + b, a word's row of the embedding a channel. */
  private wordProduct(input: string): Product {
    const [, units = 1] = (this.weights.get('embedding') as WeightArray).shape;
    return this.product(input, 'embedding', 'words.bias', 0, (place) => place % units);
  }

  private product(
    input: string,
    kernel: string,
    bias: string | undefined,
    axis: number,
    inputChannel: (place: number) => number,
  ): Product {
    const named = (name: string) => ({
      name: decoderWeightName(name),
      weight: this.weights.get(name) as WeightArray,
    });
    const activation = inputName(kernel);
    if (input !== '') this.graph.show(activation, input);
    return {
      activation,
      input: input === '' ? '' : rounded(this.graph, this.arithmetic, activation, input),
      kernel: named(kernel),
      axis,
      inputChannel,
      bias: bias === undefined ? undefined : named(bias),
    };
  }

  /** Rows side by side: `[R, a]`, `[R, b]` … -> `[R, a + b + …]`. */
  join(rows: readonly string[]): string {
    return rows.length === 1 ? (rows[0] as string) : this.graph.node('Concat', rows, { axis: -1 });
  }

  /** The top layer's h among the states. */
  topHidden(states: readonly string[]): string {
    return states[states.length - states.length / this.configuration.layers] as string;
  }

  /** A tensor's rows merged: `[…, columns]` -> `[R, columns]`. */
  merge(input: string, columns: number): string {
    return this.graph.node('Reshape', [input, this.graph.integers([-1, columns])]);
  }

  /** Its inverse. @param captions name of the int64 shape `[B, K]`. */
  unmerge(rows: string, captions: string, columns: number, output?: string): string {
    const shape = this.graph.node('Concat', [captions, this.graph.integers([columns])], { axis: 0 });
    return this.graph.node('Reshape', [rows, shape], {}, output);
  }

  /** One step of all layers. @param input `[R, X]`. @param states `[R, D]` each, as `stateNames()`. @returns the next. */
  stepCells(input: string, states: readonly string[]): string[] {
    const next: string[] = [];
    let below = input;
    for (let layer = 0; layer < this.configuration.layers; layer++) {
      const size = STATES[this.configuration.cell].length;
      const stepped = this.stepCell(layer, below, states.slice(layer * size, (layer + 1) * size));
      next.push(...stepped);
      below = stepped[0] as string;
    }
    return next;
  }

  private stepCell(layer: number, input: string, [hidden, cell]: readonly string[]): string[] {
    const { graph } = this;
    const apply = (operator: string, ...inputs: string[]) => graph.node(operator, inputs);
    const split = (sums: string) =>
      graph.split(sums, GATES[this.configuration.cell], this.configuration.hidden);
    const named = (name: string) => `cell${layer}.${name}`;
    const fromInput = this.affine(input, named('kernel'), named('bias'));
    const h = hidden as string;
    const fromHidden = this.affine(h, named('recurrentKernel'));

    // h' = tanh(x W + h U + b)
    if (this.configuration.cell === 'simpleRnn') return [apply('Tanh', apply('Add', fromHidden, fromInput))];

    // [i f g o] = x W + h U + b;  c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g);  h' = σ(o) ⊙ tanh(c')
    if (this.configuration.cell === 'lstm') {
      const [i, f, g, o] = split(apply('Add', fromHidden, fromInput)) as LstmGates;
      const kept = apply('Mul', apply('Sigmoid', f), cell as string);
      const added = apply('Mul', apply('Sigmoid', i), apply('Tanh', g));
      const nextCell = apply('Add', kept, added);
      return [apply('Mul', apply('Sigmoid', o), apply('Tanh', nextCell)), nextCell];
    }

    // z, r = σ(x W + h U + b);  n = tanh(x W_n + b_n + r ⊙ (h U_n + b_hn));  h' = (1 − z) ⊙ n + z ⊙ h
    const [zx, rx, nx] = split(fromInput) as GruGates;
    const [zh, rh, nh] = split(fromHidden) as GruGates;
    const z = apply('Sigmoid', apply('Add', zx, zh));
    const r = apply('Sigmoid', apply('Add', rx, rh));
    const n = apply(
      'Tanh',
      apply('Add', nx, apply('Mul', r, apply('Add', nh, this.weight(named('recurrentBias'))))),
    );
    return [apply('Add', apply('Mul', apply('Sub', graph.scalar(1), z), n), apply('Mul', z, h))];
  }
}

type LstmGates = [string, string, string, string];
type GruGates = [string, string, string];
