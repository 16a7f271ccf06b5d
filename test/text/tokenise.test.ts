import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../src/text/index.js';

describe('tokenise', () => {
  it.each([
    ['A dog runs.', ['a', 'dog', 'runs']],
    ['  Two\tmen ,\none "hat" !', ['two', 'men', 'one', 'hat']],
    ['A T-shirt, red-and-white', ['a', 't-shirt', 'red-and-white']],
    ['dog - cat -- bird-', ['dog', 'cat', 'bird']],
    ['3.5 or 1,000 people, 2.', ['3.5', 'or', '1,000', 'people', '2']],
    ['', []],
    [' .,!? ', []],
  ])('takes %j apart into words without punctuation', (caption, words) => {
    expect(ENGLISH.tokenise(caption)).toEqual(words);
  });

  it.each([
    ["the man's hat", ['the', 'man', "'s", 'hat']],
    ["the man 's hat", ['the', 'man', "'s", 'hat']],
    ['the man’s hat', ['the', 'man', "'s", 'hat']],
    ["the dogs' bowl", ['the', 'dogs', 'bowl']],
    [
      "it isn't, they're, we'll, I'm, he'd, you've",
      [...['it', 'is', "n't", 'they', "'re", 'we', "'ll"], ...['i', "'m", 'he', "'d", 'you', "'ve"]],
    ],
    ["five o'clock", ['five', "o'clock"]],
    ["a 'quoted' word", ['a', 'quoted', 'word']],
  ])('takes endings off as %j, so that spellings of one thing agree', (caption, words) => {
    expect(ENGLISH.tokenise(caption)).toEqual(words);
  });

  it.each([
    ['Ein Mädchen läuft über die Straße', ['ein', 'mädchen', 'läuft', 'über', 'die', 'straße']],
    ['Девочка ИДЁТ', ['девочка', 'идёт']],
    ['Cafe\u0301', ['caf\u00e9']],
    ['𝒜 हिन्दी', ['𝒜', 'हिन्दी']],
    ['a dog 🐶 smiles', ['a', 'dog', 'smiles']],
  ])('reads %s as its writers do', (caption, words) => {
    expect(ENGLISH.tokenise(caption)).toEqual(words);
  });

  it('gives no empty word, no space, no capital, from any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = ENGLISH.tokenise(text);
        const good = (word: string) => /^[\p{L}\p{N}\p{M}'.,-]+$/u.test(word) && word === word.toLowerCase();
        expect(words.filter((word) => !good(word))).toEqual([]);
      }),
    );
  });

  it('is done in time with text that could make a pattern try everything', () => {
    for (const piece of ["a'", 'a-', '1.', "n't", "'s "]) {
      expect(ENGLISH.tokenise(piece.repeat(20_000)).length).toBeGreaterThan(0);
    }
  });
});
