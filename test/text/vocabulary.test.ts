import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END, PADDING, SPECIAL_TOKENS, START, UNKNOWN, Vocabulary } from '../../src/text/index.js';

const captions = ['A dog runs.', 'A cat runs.', 'A bird.'];

describe('Vocabulary.of', () => {
  it('keeps the words that occur often enough, the most frequent first, equals by alphabet', () => {
    expect(Vocabulary.of(captions, 1).words.slice(4)).toEqual(['a', 'runs', 'bird', 'cat', 'dog']);
    expect(Vocabulary.of(captions, 2).words.slice(4)).toEqual(['a', 'runs']);
    expect(Vocabulary.of([], 1).words).toEqual(SPECIAL_TOKENS);
  });

  it('does not depend on the order of the captions, or a resumed run would read other words', () => {
    const words = fc.array(
      fc.array(fc.stringMatching(/^[a-e]{1,2}$/)).map((some) => some.join(' ')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(words, (some) => {
        expect(Vocabulary.of([...some].reverse(), 2).words).toEqual(Vocabulary.of(some, 2).words);
      }),
    );
  });

  it('learns words that are called like parts of an object', () => {
    const odd = ['constructor', 'tostring'];
    const vocabulary = Vocabulary.of([odd.join(' '), odd.join(' ')], 2);
    expect(vocabulary.decode(vocabulary.encode(odd))).toEqual(odd);
    expect(Vocabulary.of([], 1).numberOf('constructor')).toBe(UNKNOWN);
  });
});

describe('Vocabulary', () => {
  const vocabulary = Vocabulary.of(captions, 2);

  it('numbers the special tokens as stored models have them', () => {
    expect([PADDING, START, END, UNKNOWN].map((number) => vocabulary.words[number])).toEqual([
      '<pad>',
      '<start>',
      '<end>',
      '<unk>',
    ]);
    expect(vocabulary.size).toBe(6);
  });

  it('encodes between start and end, a word it has not learnt as unknown', () => {
    expect(vocabulary.encode(['a', 'zebra', 'runs'])).toEqual([START, 4, UNKNOWN, 5, END]);
    expect(vocabulary.encode([])).toEqual([START, END]);
  });

  it('decodes the words alone: no special token and no number beyond the last word is ever shown', () => {
    expect(vocabulary.decode([START, 4, UNKNOWN, 5, END, PADDING, 99, -1])).toEqual(['a', 'runs']);
    expect(vocabulary.decode(Int32Array.of(5, 4))).toEqual(['runs', 'a']);
  });

  it.each([[['a', ...SPECIAL_TOKENS]], [SPECIAL_TOKENS.slice(0, 3)], [[...SPECIAL_TOKENS, 'a', 'a']], [[]]])(
    'refuses %j, which would shift or join words',
    (words) => {
      expect(() => new Vocabulary(words)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
    },
  );
});
