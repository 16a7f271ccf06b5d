import { describe, expect, it } from 'vitest';
import { SPECIAL_TOKENS, UNKNOWN, Vocabulary } from '../../src/text/index.js';
import { extendVocabulary } from '../../src/training/extend-vocabulary.js';
import type { Weights } from '../../src/weights.js';

const old = new Vocabulary([...SPECIAL_TOKENS, 'a', 'dog', 'cat', 'runs']);
const captions = [
  'a dog runs',
  'a dog runs',
  'a dog runs',
  'a cat runs',
  'a zebra runs',
  'a zebra runs',
  'okapi',
];
const vocabulary = old.extendedBy(captions, 1);
const tokenised = captions.map((caption) => caption.split(' '));
const [dog, cat, zebra, okapi] = ['dog', 'cat', 'zebra', 'okapi'].map((word) =>
  vocabulary.numberOf(word),
) as [number, number, number, number];
/** Two units a word; the bias is the word's number. */
const decoder: Weights = new Map([
  ['embedding', { shape: [8, 2], values: Float32Array.from({ length: 16 }, (_, i) => i / 4) }],
  ['words.kernel', { shape: [2, 8], values: Float32Array.from({ length: 16 }, (_, i) => i / 8) }],
  ['words.bias', { shape: [8], values: Float32Array.from({ length: 8 }, (_, i) => i) }],
]);

describe('extendVocabulary', () => {
  const tied = extendVocabulary(
    { configuration: { tieEmbedding: true }, vocabulary: old, decoder },
    vocabulary,
    tokenised,
  );

  it('keeps every word and weight that was there', () => {
    expect(vocabulary.words.slice(0, 8)).toEqual(old.words);
    expect(vocabulary.size).toBe(10);
    expect(tied.get('embedding')?.shape).toEqual([10, 2]);
    expect([...(tied.get('embedding')?.values.subarray(0, 16) ?? [])]).toEqual([
      ...(decoder.get('embedding')?.values ?? []),
    ]);
    expect([...(tied.get('words.bias')?.values.subarray(0, 8) ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('begins a new word as those that stand in its place, as often as they do', () => {
    const values = tied.get('embedding')?.values as Float32Array;
    const of = (word: number) => [...values.subarray(2 * word, 2 * word + 2)];
    const mean = of(dog).map((value, unit) => (3 * value + (of(cat)[unit] as number)) / 4);
    expect(of(zebra)).toEqual(mean);
    expect(of(okapi)).toEqual(of(UNKNOWN));
  });

  it('moves its bias by how much rarer it is', () => {
    const bias = tied.get('words.bias')?.values as Float32Array;
    expect(bias[zebra]).toBeCloseTo((3 * (dog + Math.log(2 / 3)) + (cat + Math.log(2))) / 4, 5);
  });

  it('extends output words that are not the embedding, too', () => {
    const free = extendVocabulary(
      { configuration: { tieEmbedding: false }, vocabulary: old, decoder },
      vocabulary,
      tokenised,
    );
    const kernel = free.get('words.kernel');
    expect(kernel?.shape).toEqual([2, 10]);
    const at = (unit: number, word: number) => kernel?.values[unit * 10 + word] as number;
    expect(at(0, dog)).toBe(dog / 8);
    expect(at(1, zebra)).toBeCloseTo((3 * at(1, dog) + at(1, cat)) / 4, 6);
  });
});
