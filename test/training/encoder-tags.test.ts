import { describe, expect, it } from 'vitest';
import { SPECIAL_TOKENS, Vocabulary } from '../../src/text/index.js';
import { encoderTags } from '../../src/training/encoder-tags.js';
import { tinyContents } from '../support/tiny-bundle.js';

/** The tiny encoder with so many classes. */
function encoderOf(classes: number) {
  const { encoder } = tinyContents();
  const weights = new Map(encoder.weights);
  weights.set('logits/kernel', { shape: [12, classes], values: new Float32Array(12 * classes) });
  return { ...encoder, weights };
}

describe('the tags of an encoder', () => {
  const vocabulary = new Vocabulary([...SPECIAL_TOKENS, 'a', 'dog', 'cat', 'runs']);

  it('are the words of its classes that captions have', () => {
    expect([...encoderTags(encoderOf(1000), vocabulary, 2).words].sort()).toEqual(['cat', 'dog']);
  });

  it('are refused where captions have fewer than the decoder is to look at, or the classes are not known', () => {
    expect(() => encoderTags(encoderOf(1000), vocabulary, 3)).toThrow(/at least 3 classes.*those of 2/);
    expect(() => encoderTags(encoderOf(5), vocabulary, 2)).toThrow(/with 5 classes/);
  });
});
