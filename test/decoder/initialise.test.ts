import { describe, expect, it } from 'vitest';
import {
  type DecoderConfiguration,
  decoderConfigurationSchema,
  GATES,
} from '../../src/decoder/configuration.js';
import { initialiseDecoder } from '../../src/decoder/initialise.js';
import { decoderWeightShapes } from '../../src/decoder/weight-shapes.js';
import { Random } from '../../src/random.js';
import { sizeOf, type WeightArray } from '../../src/weights.js';

const sizes = { gridCells: 4, channels: 48, vocabulary: 60 };
const D = 24;
const cells = ['simpleRnn', 'gru', 'lstm'] as const;

function initialise(options: Partial<DecoderConfiguration>, seed = 1) {
  const configuration = decoderConfigurationSchema.parse({
    hidden: D,
    embedding: 32,
    attentionUnits: 20,
    layers: 2,
    ...options,
  });
  const weights = initialiseDecoder(configuration, sizes, new Random(seed));
  const weight = (name: string) => weights.get(name) as WeightArray;
  return { configuration, weights, weight };
}

/** Columns `[gate · D, (gate + 1) · D)` of a kernel, as rows. */
function gateOf({ shape, values }: WeightArray, gate: number): number[][] {
  const [rows = 0, columns = 0] = shape;
  return Array.from({ length: rows }, (_, r) => [
    ...values.subarray(r * columns + gate * D, r * columns + (gate + 1) * D),
  ]);
}

const largest = (values: Iterable<number>) => Math.max(...[...values].map(Math.abs));

/** Values of a uniform distribution that ends at the limit: near it, never beyond it, and as often below zero as above. */
function expectUniform(values: readonly number[], limit: number): void {
  expect(largest(values)).toBeLessThanOrEqual(limit * (1 + 1e-6));
  expect(largest(values)).toBeGreaterThan(0.9 * limit);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  expect(Math.abs(deviation / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.1);
  expect(Math.abs(values.filter((value) => value > 0).length / values.length - 0.5)).toBeLessThan(0.2);
}

describe('initialiseDecoder', () => {
  it.each(cells)('gives a %s every weight in its shape and order', (cell) => {
    const { configuration, weights } = initialise({ cell, inject: 'firstToken', tieEmbedding: false });
    const shapes = decoderWeightShapes(configuration, sizes);
    expect([...weights.keys()]).toEqual([...shapes.keys()]);
    for (const [name, { shape, values }] of weights) {
      expect(shape).toEqual(shapes.get(name));
      expect(values).toHaveLength(sizeOf(shape));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it.each(cells)(
    'makes each gate of a %s orthogonal from state to state, so that gradients keep their size',
    (cell) => {
      const { weight } = initialise({ cell });
      for (const layer of [0, 1]) {
        for (let gate = 0; gate < GATES[cell]; gate++) {
          const kernel = gateOf(weight(`cell${layer}.recurrentKernel`), gate);
          kernel.forEach((a, i) => {
            kernel.forEach((b, j) => {
              const product = a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
              expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-5);
            });
          });
        }
      }
    },
  );

  it.each(cells)('draws each gate of a %s from state to state as it is told to', (cell) => {
    const drawn = (recurrent: 'glorot' | 'normal') =>
      initialise({ cell, initialisation: { recurrent, forgetBias: 1 } }).weight('cell0.recurrentKernel');
    for (let gate = 0; gate < GATES[cell]; gate++) {
      expectUniform(gateOf(drawn('glorot'), gate).flat(), Math.sqrt(6 / (D + D)));
      const values = gateOf(drawn('normal'), gate).flat();
      const share = (limit: number) =>
        values.filter((value) => Math.abs(value) < limit / Math.sqrt(D)).length / values.length;
      // Of a normal distribution 68 and 95 % lie within one and two standard deviations.
      expect(Math.abs(share(1) - 0.68)).toBeLessThan(0.06);
      expect(Math.abs(share(2) - 0.95)).toBeLessThan(0.04);
    }
  });

  it.each(['orthogonal', 'glorot', 'normal'] as const)('draws every gate by itself: %s', (recurrent) => {
    const { weight } = initialise({ cell: 'lstm', initialisation: { recurrent, forgetBias: 1 } });
    for (const name of ['cell0.kernel', 'cell0.recurrentKernel']) {
      const gates = [0, 1, 2, 3].map((gate) => String(gateOf(weight(name), gate)));
      expect(new Set(gates).size).toBe(4);
    }
  });

  it.each(cells)('draws the kernels of a %s within the limits of Glorot and Bengio', (cell) => {
    const { weight } = initialise({ cell, inject: 'firstToken', tieEmbedding: false });
    const limit = (into: number, out: number) => Math.sqrt(6 / (into + out));
    expectUniform([...weight('projection.kernel').values], limit(48, D));
    expectUniform([...weight('firstToken.kernel').values], limit(D, 32));
    expectUniform([...weight('attention.keyKernel').values], limit(D, 20));
    expectUniform([...weight('attention.queryKernel').values], limit(D, 20));
    expectUniform([...weight('output.kernel').values], limit(2 * D, 32));
    expectUniform([...weight('words.kernel').values], limit(32, 60));
    // A gate is a layer of its own: with all gates as one, each would start too small.
    for (let gate = 0; gate < GATES[cell]; gate++) {
      expectUniform(gateOf(weight('cell0.kernel'), gate).flat(), limit(32 + D, D));
      expectUniform(gateOf(weight('cell1.kernel'), gate).flat(), limit(D, D));
    }
    expect(largest(weight('attention.score').values)).toBeLessThanOrEqual(limit(20, 1));
  });

  it('draws embeddings within a tenth', () => {
    expectUniform([...initialise({}).weight('embedding').values], 3 / Math.sqrt(32));
  });

  it('opens the forget gate of an LSTM, so that it remembers from the start, and leaves other biases at zero', () => {
    for (const cell of cells) {
      const { weights } = initialise({ cell });
      for (const [name, { values }] of weights) {
        if (!/bias$/i.test(name)) continue;
        const forgets = (i: number) => cell === 'lstm' && name.startsWith('cell') && Math.floor(i / D) === 1;
        expect([...values], name).toEqual([...values].map((_, i) => (forgets(i) ? 1 : 0)));
      }
    }
  });

  it('opens the forget gate as far as it is told to', () => {
    const { weight } = initialise({
      cell: 'lstm',
      initialisation: { recurrent: 'orthogonal', forgetBias: -2.5 },
    });
    const gates = Array.from(weight('cell1.bias').values, (value, i) => [Math.floor(i / D), value]);
    expect(gates).toEqual(gates.map(([gate]) => [gate, gate === 1 ? -2.5 : 0]));
  });

  it('gives the same weights for the same seed, others for another', () => {
    expect(initialise({}, 5).weights).toEqual(initialise({}, 5).weights);
    expect(initialise({}, 5).weights).not.toEqual(initialise({}, 6).weights);
  });
});
