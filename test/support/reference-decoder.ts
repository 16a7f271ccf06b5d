import { type DecoderConfiguration, stateNames } from '../../src/decoder/configuration.js';
import type { WeightArray, Weights } from '../../src/weights.js';

type Vector = readonly number[];

/** What the decoder knows of one image. */
export interface ReferenceImage {
  readonly memory: readonly Vector[];
  readonly mean: Vector;
  readonly keys: readonly Vector[];
  readonly states: readonly Vector[];
}

/**
 * The decoder's equations (weight-shapes.ts) one number after the other, for one image and one caption: slow, plain and
 * of no engine, so that both engines can be held against it.
 */
export class ReferenceDecoder {
  constructor(
    private readonly configuration: DecoderConfiguration,
    private readonly weights: Weights,
  ) {}

  /** @param grid features `[L, C]`. */
  encode(grid: readonly Vector[]): ReferenceImage {
    const { attention, inject, hidden } = this.configuration;
    const memory = grid.map((cell) => this.affine(cell, 'projection').map((value) => Math.max(value, 0)));
    const mean = memory[0]!.map((_, d) => sum(memory.map((cell) => cell[d]!)) / memory.length);
    const keys =
      attention === 'none' ? [] : memory.map((cell) => times(cell, this.weight('attention.keyKernel')));
    const names = stateNames(this.configuration);
    const zeros = names.map(() => new Array<number>(hidden).fill(0));
    if (inject === 'everyStep') return { memory, mean, keys, states: zeros };
    if (inject === 'state') {
      const all = this.affine(mean, 'initialState').map(Math.tanh);
      const states = names.map((_, index) => all.slice(index * hidden, (index + 1) * hidden));
      return { memory, mean, keys, states };
    }
    const nothing = attention === 'none' ? [] : new Array<number>(hidden).fill(0);
    const states = this.stepCells([...this.affine(mean, 'firstToken'), ...nothing], zeros);
    return { memory, mean, keys, states };
  }

  step(token: number, image: ReferenceImage, states: readonly Vector[]) {
    const { configuration } = this;
    const embedding = rowsOf(this.weight('embedding'));
    const top = (all: readonly Vector[]) => all[all.length - all.length / configuration.layers]!;
    const looked = configuration.attention === 'none' ? undefined : this.attend(top(states), image);
    const beside = looked?.context ?? (configuration.inject === 'everyStep' ? image.mean : []);
    const next = this.stepCells([...embedding[token]!, ...beside], states);
    const deep = this.affine([...top(next), ...(looked?.context ?? [])], 'output').map(Math.tanh);
    const products = configuration.tieEmbedding
      ? embedding.map((word) => dot(word, deep))
      : times(deep, this.weight('words.kernel'));
    const logits = add(products, [...this.weight('words.bias').values]);
    const total = Math.log(sum(logits.map(Math.exp)));
    return {
      logProbabilities: logits.map((logit) => logit - total),
      states: next,
      attention: looked?.weights,
    };
  }

  private attend(hidden: Vector, image: ReferenceImage) {
    const query = times(hidden, this.weight('attention.queryKernel'));
    const score = [...this.weight('attention.score').values];
    const energies = image.keys.map((key) => Math.exp(dot(score, add(key, query).map(Math.tanh))));
    const weights = energies.map((energy) => energy / sum(energies));
    const context = image.mean.map((_, d) =>
      dot(
        weights,
        image.memory.map((cell) => cell[d]!),
      ),
    );
    return { weights, context };
  }

  private stepCells(input: Vector, states: readonly Vector[]): Vector[] {
    const perLayer = states.length / this.configuration.layers;
    const next: Vector[] = [];
    for (let layer = 0; layer < this.configuration.layers; layer++) {
      const below = layer === 0 ? input : next[(layer - 1) * perLayer]!;
      next.push(...this.stepCell(layer, below, states[layer * perLayer]!, states[layer * perLayer + 1]));
    }
    return next;
  }

  private stepCell(layer: number, x: Vector, h: Vector, c: Vector | undefined): Vector[] {
    const { cell, hidden } = this.configuration;
    const fromInput = this.affine(x, `cell${layer}`);
    const fromState = times(h, this.weight(`cell${layer}.recurrentKernel`));
    const gate = (sums: Vector, index: number) => sums.slice(index * hidden, (index + 1) * hidden);
    const both = add(fromInput, fromState);
    if (cell === 'simpleRnn') return [both.map(Math.tanh)];
    if (cell === 'lstm') {
      const [i, f, g, o] = [gate(both, 0), gate(both, 1), gate(both, 2), gate(both, 3)];
      const nextCell = c!.map((old, d) => sigmoid(f[d]!) * old + sigmoid(i[d]!) * Math.tanh(g[d]!));
      return [nextCell.map((value, d) => sigmoid(o[d]!) * Math.tanh(value)), nextCell];
    }
    const z = gate(both, 0).map(sigmoid);
    const r = gate(both, 1).map(sigmoid);
    const candidate = add(gate(fromState, 2), [...this.weight(`cell${layer}.recurrentBias`).values]);
    const n = gate(fromInput, 2).map((value, d) => Math.tanh(value + r[d]! * candidate[d]!));
    return [n.map((value, d) => (1 - z[d]!) * value + z[d]! * h[d]!)];
  }

  private affine(x: Vector, name: string): Vector {
    return add(times(x, this.weight(`${name}.kernel`)), [...this.weight(`${name}.bias`).values]);
  }

  private weight(name: string): WeightArray {
    return this.weights.get(name)!;
  }
}

const sum = (values: Vector) => values.reduce((total, value) => total + value, 0);
const add = (a: Vector, b: Vector) => a.map((value, i) => value + b[i]!);
const dot = (a: Vector, b: Vector) => sum(a.map((value, i) => value * b[i]!));
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** x W. */
function times(x: Vector, { shape, values }: WeightArray): Vector {
  const [rows = 0, columns = 0] = shape;
  if (x.length !== rows) throw new Error(`${x.length} values for ${rows} rows`);
  return Array.from({ length: columns }, (_, j) =>
    sum(x.map((value, i) => value * values[i * columns + j]!)),
  );
}

function rowsOf({ shape, values }: WeightArray): number[][] {
  const [rows = 0, columns = 0] = shape;
  return Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
}
