import type { Tensor } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { type ClipOptions, clipGradients } from '../../src/training/clip.js';

type Values = Record<string, number[]>;

const random = new Random(3);
const gradients: Values = {
  large: Array.from({ length: 12 }, () => 10 * random.normal()),
  small: Array.from({ length: 4 }, () => 0.01 * random.normal()),
  one: [-3],
};
const normOf = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const globalNorm = normOf(Object.values(gradients).flat());

/** Clips, and gives what came back and how many tensors are left over. */
function clip(values: Values, options: ClipOptions) {
  const tensors = new Map(Object.entries(values).map(([name, own]) => [name, tf.tensor1d(own) as Tensor]));
  const before = tf.memory().numTensors;
  const { clipped, norm } = clipGradients(tensors, options);
  const result = {
    clipped: Object.fromEntries(
      [...clipped].map(([name, tensor]) => [name, [...tensor.dataSync()]]),
    ) as Values,
    norm: norm.dataSync()[0] as number,
    given: Object.fromEntries([...tensors].map(([name, tensor]) => [name, [...tensor.dataSync()]])) as Values,
    left: 0,
  };
  tf.dispose([norm, ...clipped.values()]);
  result.left = tf.memory().numTensors - before;
  tf.dispose([...tensors.values()]);
  return result;
}

/** The same, number by number. */
function expected(values: Values, { kind, limit }: ClipOptions): Values {
  const scale = (norm: number) => (norm > limit ? limit / norm : 1);
  const all = scale(normOf(Object.values(values).flat()));
  const one = (own: number[]) => {
    if (kind === 'none') return own;
    if (kind === 'value') return own.map((value) => Math.min(limit, Math.max(-limit, value)));
    return own.map((value) => value * (kind === 'norm' ? scale(normOf(own)) : all));
  };
  return Object.fromEntries(Object.entries(values).map(([name, own]) => [name, one(own)]));
}

const kinds = ['none', 'value', 'norm', 'globalNorm'] as const;

describe('clipGradients', () => {
  it.each(kinds.flatMap((kind) => [0.005, 2.5, 1000].map((limit) => ({ kind, limit }))))(
    'bounds by $kind at $limit, and gives the norm from before',
    (options) => {
      const { clipped, norm, given, left } = clip(gradients, options);
      const wanted = expected(gradients, options);
      expect(Object.keys(clipped)).toEqual(Object.keys(gradients));
      for (const [name, own] of Object.entries(wanted)) {
        own.forEach((value, i) => {
          const found = clipped[name]![i]!;
          expect(Math.abs(found - value), `${name}[${i}]`).toBeLessThanOrEqual(1e-5 * Math.abs(value));
        });
      }
      expect(Math.abs(norm - globalNorm)).toBeLessThan(1e-5 * globalNorm);
      expect(given).toEqual(clip(gradients, { kind: 'none', limit: 1 }).given);
      expect(left).toBe(0);
    },
  );

  it.each(kinds)('by %s leaves gradients of zero at zero', (kind) => {
    const { clipped, norm } = clip({ first: [0, 0], second: [0] }, { kind, limit: 1 });
    expect(clipped).toEqual({ first: [0, 0], second: [0] });
    expect(norm).toBe(0);
  });

  it.each(kinds)('by %s says of a gradient that is no number that its norm is none', (kind) => {
    expect(clip({ first: [1, Number.NaN], second: [1] }, { kind, limit: 1 }).norm).toBeNaN();
  });
});
