import type { Tensor } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { crossEntropy } from '../../src/decoder/cross-entropy.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';

const WORDS = 4;
const VOCABULARY = 6;
const random = new Random(9);
const logits = Array.from({ length: WORDS * VOCABULARY }, () => 3 * random.normal());
const targets = [2, 0, 5, 2];

const even = targets.map(() => 1 / WORDS);

/** Σ_p w_p Σ_v −q_v log softmax(logits_p)_v, number by number. */
function plainLoss(values: readonly number[], smoothing: number, weights = even): number {
  const ofWords = targets.map((target, word) => {
    const row = values.slice(word * VOCABULARY, (word + 1) * VOCABULARY);
    const most = Math.max(...row);
    const total = most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
    return row.reduce((sum, value, v) => {
      const q = (v === target ? 1 - smoothing : 0) + smoothing / VOCABULARY;
      return sum - q * (value - total);
    }, 0);
  });
  return ofWords.reduce((sum, loss, word) => sum + loss * (weights[word] as number), 0);
}

/** Loss and gradient of `scale` times the cross-entropy. */
function evaluate(values: readonly number[], smoothing: number, scale = 1, weights?: readonly number[]) {
  const input = tf.tensor2d([...values], [WORDS, VOCABULARY]);
  const labels = tf.tensor1d(targets, 'int32');
  const shares = weights === undefined ? undefined : tf.tensor1d([...weights]);
  const before = tf.memory().numTensors;
  const { value, grad } = tf.valueAndGrad((z: Tensor) =>
    tf.mul(crossEntropy(z as never, labels, smoothing, shares), scale),
  )(input);
  const result = { loss: value.dataSync()[0] as number, gradient: [...grad.dataSync()] };
  tf.dispose([value, grad]);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([input, labels, ...(shares === undefined ? [] : [shares])]);
  return result;
}

describe.each([0, 0.1, 0.5])('crossEntropy with smoothing %s', (smoothing) => {
  it('is the formula', () => {
    expect(evaluate(logits, smoothing).loss).toBeCloseTo(plainLoss(logits, smoothing), 5);
  });

  it('has the gradient that differences of the formula give', () => {
    const { gradient } = evaluate(logits, smoothing);
    const delta = 1e-5;
    logits.forEach((_, i) => {
      const at = (change: number) =>
        plainLoss(
          logits.map((value, j) => (j === i ? value + change : value)),
          smoothing,
        );
      expect(gradient[i]).toBeCloseTo((at(delta) - at(-delta)) / (2 * delta), 6);
    });
  });

  it('passes on the gradient of what comes after it', () => {
    const once = evaluate(logits, smoothing).gradient;
    const scaled = evaluate(logits, smoothing, -2.5).gradient;
    once.forEach((value, i) => {
      expect(scaled[i]).toBeCloseTo(-2.5 * value, 6);
    });
  });

  it('counts each word by its weight, which may be negative, in loss and gradient', () => {
    const weights = [0.5, -0.25, 0, 2];
    const { loss, gradient } = evaluate(logits, smoothing, 1, weights);
    expect(loss).toBeCloseTo(plainLoss(logits, smoothing, weights), 5);
    const once = evaluate(logits, smoothing).gradient;
    gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(
        (once[i] as number) * WORDS * (weights[Math.floor(i / VOCABULARY)] as number),
        5,
      );
    });
  });

  it('stays a number for logits of any size', () => {
    const { loss, gradient } = evaluate(
      logits.map((value) => 1e4 * value),
      smoothing,
    );
    expect(loss).toBeGreaterThan(0);
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
  });
});

describe('crossEntropy', () => {
  it('is the logarithm of the vocabulary where nothing is known', () => {
    const even = logits.map(() => 1.5);
    for (const smoothing of [0, 0.3]) {
      expect(evaluate(even, smoothing).loss).toBeCloseTo(Math.log(VOCABULARY), 5);
    }
  });

  it('without smoothing nears zero where the right words are sure', () => {
    const sure = logits.map((_, i) => (targets[Math.floor(i / VOCABULARY)] === i % VOCABULARY ? 50 : 0));
    expect(evaluate(sure, 0).loss).toBeCloseTo(0, 5);
    expect(evaluate(sure, 0.1).loss).toBeGreaterThan(1);
  });
});
