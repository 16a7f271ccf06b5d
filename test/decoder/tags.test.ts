import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { encodeTags, likelyTags, tagTensors } from '../../src/decoder/tags.js';
import { tf } from '../../src/tensorflow.js';
import { TINY_TAGS, TINY_VOCABULARY } from '../support/tiny-bundle.js';

describe('tags', () => {
  it('are the words of the likeliest classes, the probabilities of a word’s classes added', () => {
    const tags = tagTensors(TINY_TAGS, TINY_VOCABULARY);
    // Softmax of logarithms: the classes dog, cat, none, dog, ball.
    const logits = tf.tensor2d(
      [Math.log(0.2), Math.log(0.3), Math.log(0.25), Math.log(0.15), Math.log(0.1)],
      [1, 5],
    );
    const { tokens, probabilities } = likelyTags(logits, tags, 2);
    expect(TINY_VOCABULARY.decode(tokens.dataSync())).toEqual(['dog', 'cat']);
    const [dog, cat] = probabilities.dataSync();
    expect(dog).toBeCloseTo(0.35, 6);
    expect(cat).toBeCloseTo(0.3, 6);
  });

  it('teach the decoder while the encoder that they come from is trained too', () => {
    const tags = tagTensors(TINY_TAGS, TINY_VOCABULARY);
    const weights = new Map(
      Object.entries({
        embedding: tf.variable(tf.randomNormal([TINY_VOCABULARY.size, 3], 0, 1, 'float32', 5)),
        'tags.kernel': tf.variable(tf.ones([3, 4])),
        'tags.probability': tf.variable(tf.ones([4])),
        'tags.bias': tf.variable(tf.fill([4], 9)),
        logits: tf.variable(tf.tensor2d([5, 4, 3, 2, 1, 1, 2, 3, 4, 5], [2, 5])),
      }),
    );
    const { grads } = tf.variableGrads(
      // Twice the weight: class scores that are computed, and gone by the time that gradients are.
      () =>
        tf.tidy(() => {
          const logits = tf.tidy(() => tf.mul(weights.get('logits') as Tensor2D, 2) as Tensor2D);
          const evidence = tf.tidy(() => {
            const { tokens, probabilities } = likelyTags(logits, tags, 2);
            return { tokens, probabilities };
          });
          logits.dispose();
          return tf.sum(encodeTags(weights, evidence));
        }),
      [...weights.values()] as never,
    );
    const norms = [...weights].map(([name, variable]) => {
      const gradient = grads[(variable as unknown as { name: string }).name] as Tensor;
      return [name, tf.norm(gradient).dataSync()[0] ?? 0] as const;
    });
    for (const [name, norm] of norms) {
      if (name === 'logits') expect(norm).toBe(0);
      else expect(norm, name).toBeGreaterThan(0);
    }
  });
});
