import { describe, expect, it } from 'vitest';
import { dropout } from '../../src/decoder/dropout.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';

const SIZE = 40_000;

function drop(share: number, seed: number): number[] {
  const values = tf.fill([SIZE / 4, 4], 2);
  const dropped = dropout(values, share, new Random(seed));
  const result = [...dropped.dataSync()];
  tf.dispose([values, dropped]);
  return result;
}

describe('dropout', () => {
  it.each([0.1, 0.4, 0.95])('drops a share of %s, and the others grow so that the mean stays', (share) => {
    const values = drop(share, 1);
    const zeros = values.filter((value) => value === 0).length / SIZE;
    expect(Math.abs(zeros - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / SIZE));
    const kept = values.filter((value) => value !== 0);
    expect(Math.max(...kept.map((value) => Math.abs(value - 2 / (1 - share))))).toBeLessThan(1e-4);
    const mean = values.reduce((sum, value) => sum + value, 0) / SIZE;
    expect(Math.abs(mean - 2)).toBeLessThan(8 * Math.sqrt(share / (1 - share) / SIZE));
  });

  it('draws the same mask from the same state, so that a resumed run repeats, and another from another', () => {
    expect(drop(0.5, 7)).toEqual(drop(0.5, 7));
    expect(drop(0.5, 7)).not.toEqual(drop(0.5, 8));
    const values = tf.ones([1000]);
    const random = new Random(7);
    const [first, second] = [dropout(values, 0.5, random), dropout(values, 0.5, random)];
    expect([...first.dataSync()]).not.toEqual([...second.dataSync()]);
    tf.dispose([values, first, second]);
  });

  it('does not drop by rows or columns', () => {
    const values = drop(0.5, 3);
    const columns = [0, 1, 2, 3].map((c) => values.filter((value, i) => i % 4 === c && value === 0).length);
    for (const zeros of columns) expect(Math.abs(zeros - SIZE / 8)).toBeLessThan(4 * Math.sqrt(SIZE / 16));
    const whole = Array.from({ length: SIZE / 4 }, (_, row) => values.slice(4 * row, 4 * row + 4)).filter(
      (row) => row.every((value) => value === 0),
    );
    expect(Math.abs(whole.length / (SIZE / 4) - 1 / 16)).toBeLessThan(0.01);
  });

  it('is off when not training, and with a share of zero', () => {
    const values = tf.tensor1d([1, 2, 3]);
    expect(dropout(values, 0.5, undefined)).toBe(values);
    const random = new Random(1);
    expect(dropout(values, 0, random)).toBe(values);
    values.dispose();
  });

  it('lets the gradient through where values were kept, as much larger', () => {
    const values = tf.ones([50]);
    const mask = dropout(values, 0.5, new Random(4));
    const gradient = tf.grad((x) => tf.sum(dropout(x, 0.5, new Random(4))))(values);
    expect([...gradient.dataSync()]).toEqual([...mask.dataSync()]);
    tf.dispose([values, mask, gradient]);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    drop(0.5, 1);
    expect(tf.memory().numTensors).toBe(before);
  });
});
