import { type DecoderConfiguration, GATES, STATES } from '../decoder/configuration.js';
import type { WeightArray, Weights } from '../weights.js';
import type { OnnxGraph } from './onnx-graph.js';
import { type Precision, storeWeight } from './weight-storage.js';

/** The name under which a bundle's graphs store a weight of the decoder. */
export function decoderWeightName(name: string): string {
  return `decoder/${name}`;
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
    private readonly precision: Precision,
  ) {}

  weight(name: string): string {
    const weight = this.weights.get(name) as WeightArray;
    return storeWeight(this.graph, decoderWeightName(name), weight, this.precision);
  }

  /** Some rows of a weight, stored under a name of their own. */
  rowsOf(name: string, rows: readonly number[], storedAs: string): string {
    const { shape, values } = this.weights.get(name) as WeightArray;
    const width = shape.at(-1) as number;
    const chosen = new Float32Array(rows.length * width);
    rows.forEach((row, index) => {
      chosen.set(values.subarray(row * width, (row + 1) * width), index * width);
    });
    return storeWeight(this.graph, storedAs, { shape: [rows.length, width], values: chosen }, this.precision);
  }

  /** `x W + b`. @param input `[R, in]`. */
  affine(input: string, kernel: string, bias: string): string {
    return this.graph.node('Gemm', [input, this.weight(kernel), this.weight(bias)]);
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
    const weight = (name: string) => this.weight(`cell${layer}.${name}`);
    const apply = (operator: string, ...inputs: string[]) => graph.node(operator, inputs);
    const split = (sums: string) =>
      graph.split(sums, GATES[this.configuration.cell], this.configuration.hidden);
    const fromInput = apply('Gemm', input, weight('kernel'), weight('bias'));
    const h = hidden as string;

    // h' = tanh(x W + h U + b)
    if (this.configuration.cell === 'simpleRnn') {
      return [apply('Tanh', apply('Gemm', h, weight('recurrentKernel'), fromInput))];
    }

    // [i f g o] = x W + h U + b;  c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g);  h' = σ(o) ⊙ tanh(c')
    if (this.configuration.cell === 'lstm') {
      const [i, f, g, o] = split(apply('Gemm', h, weight('recurrentKernel'), fromInput)) as LstmGates;
      const kept = apply('Mul', apply('Sigmoid', f), cell as string);
      const added = apply('Mul', apply('Sigmoid', i), apply('Tanh', g));
      const nextCell = apply('Add', kept, added);
      return [apply('Mul', apply('Sigmoid', o), apply('Tanh', nextCell)), nextCell];
    }

    // z, r = σ(x W + h U + b);  n = tanh(x W_n + b_n + r ⊙ (h U_n + b_hn));  h' = (1 − z) ⊙ n + z ⊙ h
    const [zx, rx, nx] = split(fromInput) as GruGates;
    const [zh, rh, nh] = split(apply('MatMul', h, weight('recurrentKernel'))) as GruGates;
    const z = apply('Sigmoid', apply('Add', zx, zh));
    const r = apply('Sigmoid', apply('Add', rx, rh));
    const n = apply('Tanh', apply('Add', nx, apply('Mul', r, apply('Add', nh, weight('recurrentBias')))));
    return [apply('Add', apply('Mul', apply('Sub', graph.scalar(1), z), n), apply('Mul', z, h))];
  }
}

type LstmGates = [string, string, string, string];
type GruGates = [string, string, string];
