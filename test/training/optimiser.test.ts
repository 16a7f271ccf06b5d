import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { Optimiser } from '../../src/training/optimiser.js';

type Values = Record<string, number[]>;
const options = (given: object) => trainingConfigurationSchema.parse({ optimiser: given }).optimiser;
const start: Values = { first: [0.5, -1, 2], second: [0.1] };

const opened: Variable[] = [];
afterEach(() => {
  for (const variable of opened.splice(0)) variable.dispose();
});

function variablesOf(values: Values): Map<string, Variable> {
  const made = Object.entries(values).map(([name, own]) => [name, tf.variable(tf.tensor1d(own))] as const);
  opened.push(...made.map(([, variable]) => variable));
  return new Map(made);
}

/** Gradients of `count` steps. */
function gradientsOf(count: number): Values[] {
  const random = new Random(5);
  return Array.from({ length: count }, () => ({
    first: start.first!.map(() => random.normal()),
    second: [random.normal() * 100],
  }));
}

function step(
  optimiser: Optimiser,
  variables: ReadonlyMap<string, Variable>,
  gradients: Values,
  rateOf = (_name: string) => 0.01,
): void {
  const tensors = Object.entries(gradients).map(([name, own]) => [name, tf.tensor1d(own) as Tensor] as const);
  optimiser.apply(variables, new Map(tensors), rateOf);
  for (const [, tensor] of tensors) tensor.dispose();
}

const valuesOf = (variables: ReadonlyMap<string, Variable>): Values =>
  Object.fromEntries([...variables].map(([name, variable]) => [name, [...variable.dataSync()]]));

function expectClose(found: Values, expected: Values): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, own] of Object.entries(expected)) {
    own.forEach((value, i) => {
      expect(Math.abs(found[name]![i]! - value), `${name}[${i}]`).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(value)),
      );
    });
  }
}

/** Kingma and Ba 2015, algorithm 1, number by number. */
function adam(
  values: Values,
  gradients: readonly Values[],
  rate: number,
  b1: number,
  b2: number,
  epsilon: number,
) {
  const result: Values = {};
  for (const [name, own] of Object.entries(values)) {
    result[name] = own.map((value, i) => {
      let [theta, m, v] = [value, 0, 0];
      gradients.forEach((all, index) => {
        const g = all[name]![i]!;
        m = b1 * m + (1 - b1) * g;
        v = b2 * v + (1 - b2) * g * g;
        const corrected = m / (1 - b1 ** (index + 1));
        theta -= (rate * corrected) / (Math.sqrt(v / (1 - b2 ** (index + 1))) + epsilon);
      });
      return theta;
    });
  }
  return result;
}

/** Tieleman and Hinton 2012, lecture 6.5. */
function rmsProp(values: Values, gradients: readonly Values[], rate: number, decay: number, epsilon: number) {
  const result: Values = {};
  for (const [name, own] of Object.entries(values)) {
    result[name] = own.map((value, i) => {
      let [theta, v] = [value, 0];
      for (const all of gradients) {
        const g = all[name]![i]!;
        v = decay * v + (1 - decay) * g * g;
        theta -= (rate * g) / (Math.sqrt(v) + epsilon);
      }
      return theta;
    });
  }
  return result;
}

/** Gradient descent with the momentum of Polyak 1964, as PyTorch and Sutskever et al. 2013 (without Nesterov) write it. */
function sgd(values: Values, gradients: readonly Values[], rate: number, momentum: number) {
  const result: Values = {};
  for (const [name, own] of Object.entries(values)) {
    result[name] = own.map((value, i) => {
      let [theta, v] = [value, 0];
      for (const all of gradients) {
        v = momentum * v + all[name]![i]!;
        theta -= rate * v;
      }
      return theta;
    });
  }
  return result;
}

describe('Optimiser', () => {
  it.each([
    { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    { beta1: 0.5, beta2: 0.9, epsilon: 0.1 },
    { beta1: 0, beta2: 0, epsilon: 1e-4 },
  ])('is Adam as published: %o', ({ beta1, beta2, epsilon }) => {
    const optimiser = new Optimiser(options({ kind: 'adam', beta1, beta2, epsilon }));
    const variables = variablesOf(start);
    const gradients = gradientsOf(8);
    for (const each of gradients) step(optimiser, variables, each);
    expectClose(valuesOf(variables), adam(start, gradients, 0.01, beta1, beta2, epsilon));
    optimiser.dispose();
  });

  it.each([{}, { decay: 0.5, epsilon: 1e-8 }, { decay: 0.99, epsilon: 0.1 }])(
    'is RMSProp as published: %o',
    (given: { decay?: number; epsilon?: number }) => {
      const { decay = 0.9, epsilon = 1e-8 } = given;
      const optimiser = new Optimiser(options({ kind: 'rmsProp', ...given }));
      const variables = variablesOf(start);
      const gradients = gradientsOf(8);
      for (const each of gradients) step(optimiser, variables, each);
      expectClose(valuesOf(variables), rmsProp(start, gradients, 0.01, decay, epsilon));
      expect([...optimiser.state().keys()].sort()).toEqual(['first/square', 'second/square']);
      optimiser.dispose();
    },
  );

  it.each([0, 0.5, 0.9])('is gradient descent with momentum %d', (momentum) => {
    const optimiser = new Optimiser(options({ kind: 'sgd', momentum }));
    const variables = variablesOf(start);
    const gradients = gradientsOf(8);
    for (const each of gradients) step(optimiser, variables, each);
    expectClose(valuesOf(variables), sgd(start, gradients, 0.01, momentum));
    const slots = momentum === 0 ? [] : ['first/velocity', 'second/velocity'];
    expect([...optimiser.state().keys()].sort()).toEqual(slots);
    optimiser.dispose();
  });

  it.each(['adam', 'rmsProp', 'sgd'] as const)(
    'with %s goes on from kept slots to the same weights, though they come in another order',
    (kind) => {
      const gradients = gradientsOf(6);
      const whole = new Optimiser(options({ kind }));
      const expected = variablesOf(start);
      for (const each of gradients) step(whole, expected, each);

      const before = new Optimiser(options({ kind }));
      const variables = variablesOf(start);
      for (const each of gradients.slice(0, 3)) step(before, variables, each);
      const after = new Optimiser(options({ kind }), before.steps);
      after.restore(new Map([...before.state()].reverse()));
      const turned = new Map([...variables].reverse());
      for (const { first, second } of gradients.slice(3)) {
        step(after, turned, { second: second!, first: first! });
      }
      expect(valuesOf(turned)).toEqual(valuesOf(expected));
      expect(after.state()).toEqual(whole.state());
      for (const optimiser of [whole, before, after]) optimiser.dispose();
    },
  );

  it('moves each weight at the rate of its name', () => {
    const optimiser = new Optimiser(options({}));
    const variables = variablesOf(start);
    const gradients = gradientsOf(3);
    for (const each of gradients) {
      step(optimiser, variables, each, (name) => (name === 'first' ? 0.1 : 0.001));
    }
    expectClose(valuesOf(variables), {
      first: adam(start, gradients, 0.1, 0.9, 0.999, 1e-8).first!,
      second: adam(start, gradients, 0.001, 0.9, 0.999, 1e-8).second!,
    });
    optimiser.dispose();
  });

  it('leaves a weight without a gradient, and a gradient without a weight', () => {
    const optimiser = new Optimiser(options({}));
    const variables = variablesOf(start);
    step(optimiser, variables, { first: [1, 1, 1], unknown: [1] });
    const { first, second } = valuesOf(variables);
    expect(second).toEqual([...Float32Array.from(start.second!)]);
    expect(first![0]).toBeCloseTo(0.49, 5);
    expect([...optimiser.state().keys()].sort()).toEqual(['first/mean', 'first/square']);
    optimiser.dispose();
  });

  it('stands still at a gradient of zero', () => {
    const optimiser = new Optimiser(options({}));
    const variables = variablesOf(start);
    const before = valuesOf(variables);
    step(optimiser, variables, { first: [0, 0, 0] });
    expect(valuesOf(variables)).toEqual(before);
    optimiser.dispose();
  });

  it.each(['adam', 'rmsProp', 'sgd'] as const)(
    'with %s holds as many tensors after many steps as after one',
    (kind) => {
      const variables = variablesOf(start);
      const before = tf.memory().numTensors;
      const optimiser = new Optimiser(options({ kind }));
      const counts = gradientsOf(5).map((each) => {
        step(optimiser, variables, each);
        return tf.memory().numTensors - before;
      });
      const slots = kind === 'adam' ? 4 : 2;
      expect(counts).toEqual([slots, slots, slots, slots, slots]);
      optimiser.restore(optimiser.state());
      expect(tf.memory().numTensors - before).toBe(slots);
      optimiser.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
