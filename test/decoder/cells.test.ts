import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import { afterAll, describe, expect, it } from 'vitest';
import { cells } from '../../src/decoder/cells/index.js';
import { decoderConfigurationSchema, GATES, STATES } from '../../src/decoder/configuration.js';
import { runCells } from '../../src/decoder/step.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';

type Matrix = readonly (readonly number[])[];
const ROWS = 3;
const D = 4;
const random = new Random(17);
const matrix = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => 1.5 * random.normal()));

const opened: Tensor[] = [];
const tensor = (rows: Matrix) => {
  const made = tf.tensor2d(rows.map((row) => [...row]));
  opened.push(made);
  return made;
};
afterAll(() => tf.dispose(opened));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One unit's equations: `x` and `u` are the gates' sums from the input and from the state. */
const equations = {
  simpleRnn: ([x]: readonly number[], [u]: readonly number[]) => [Math.tanh(x! + u!)],
  lstm: (x: readonly number[], u: readonly number[], [, c]: readonly number[]) => {
    const [i, f, g, o] = x.map((value, gate) => value + u[gate]!) as [number, number, number, number];
    const next = sigmoid(f) * c! + sigmoid(i) * Math.tanh(g);
    return [sigmoid(o) * Math.tanh(next), next];
  },
  gru: (x: readonly number[], u: readonly number[], [h]: readonly number[]) => {
    const z = sigmoid(x[0]! + u[0]!);
    const r = sigmoid(x[1]! + u[1]!);
    const n = Math.tanh(x[2]! + r * u[2]!);
    return [(1 - z) * n + z * h!];
  },
};

/** The new states of every row and unit, number by number. */
function plain(
  kind: keyof typeof equations,
  fromInput: Matrix,
  fromState: Matrix,
  states: readonly Matrix[],
) {
  const gates = (sums: readonly number[], unit: number) =>
    Array.from({ length: GATES[kind] }, (_, gate) => sums[gate * D + unit]!);
  const units = fromInput.map((sums, row) =>
    Array.from({ length: D }, (_, unit) =>
      equations[kind](
        gates(sums, unit),
        gates(fromState[row]!, unit),
        states.map((state) => state[row]![unit]!),
      ),
    ),
  );
  return states.map((_, state) => units.map((row) => row.map((values) => values[state]!)));
}

function expectClose(found: readonly Tensor2D[], expected: readonly Matrix[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((state, index) => {
    expect(state.shape).toEqual([ROWS, D]);
    const values = expected[index]!.flat();
    state.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(values[i]!, 5);
    });
  });
}

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

describe.each(['simpleRnn', 'lstm', 'gru'] as const)('the cell %s', (kind) => {
  const gates = GATES[kind];
  const states = STATES[kind].map(() => matrix(ROWS, D));

  it('follows its equations', () => {
    const [fromInput, fromState] = [matrix(ROWS, gates * D), matrix(ROWS, gates * D)];
    const found = cells[kind].forward(tensor(fromInput), tensor(fromState), states.map(tensor));
    expectClose(found.states, plain(kind, fromInput, fromState, states));
    tf.dispose([...found.states, ...found.saved]);
  });

  it('reads from the state through its recurrent kernel, a GRU with the bias of its candidate', () => {
    const configuration = decoderConfigurationSchema.parse({ cell: kind, hidden: D, attention: 'none' });
    const fromInput = matrix(ROWS, gates * D);
    const kernel = matrix(D, gates * D);
    const bias = matrix(1, D)[0]!;
    const fromState = times(states[0]!, kernel).map((row) =>
      row.map((sum, column) => (kind === 'gru' && column >= 2 * D ? sum + bias[column - 2 * D]! : sum)),
    );
    const found = tf.tidy(() => {
      const weights = new Map<string, Tensor>([['cell0.recurrentKernel', tensor(kernel)]]);
      if (kind === 'gru') weights.set('cell0.recurrentBias', tf.tensor1d([...bias]));
      return [...runCells(configuration, weights, tensor(fromInput), states.map(tensor)).states];
    });
    expectClose(found, plain(kind, fromInput, fromState, states));
    tf.dispose(found);
  });
});

describe('a GRU', () => {
  it('applies the reset gate after the recurrent bias: closed, the candidate sees nothing of the state', () => {
    const closed = -100;
    const fromInput = tensor([[closed, closed, 0.3]]);
    const found = (fromState: number) =>
      cells.gru.forward(fromInput, tensor([[0, 0, fromState]]), [tensor([[0.8]])]).states[0]!.dataSync()[0];
    expect(found(5)).toBeCloseTo(Math.tanh(0.3), 5);
    expect(found(-5)).toBeCloseTo(Math.tanh(0.3), 5);
  });
});
