import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../src/text/index.js';

describe('sentence', () => {
  it.each([
    [['a', 'man', "'s", 'hat'], "A man's hat."],
    [['they', 'do', "n't", 'see', 'it'], "They don't see it."],
    [['dog'], 'Dog.'],
    [['éclair', 'au', 'chocolat'], 'Éclair au chocolat.'],
    [['𐐨𐐩'], '𐐀𐐩.'],
    [['2', 'dogs'], '2 dogs.'],
    [[], ''],
  ])('writes %j as %j', (words, text) => {
    expect(ENGLISH.sentence(words)).toBe(text);
  });

  it('is read back as the same words', () => {
    const letters = fc.stringMatching(/^[\p{Ll}\p{Lo}]{1,8}$/u).map((word) => word.normalize('NFC'));
    fc.assert(
      fc.property(fc.array(letters), (words) => {
        expect(ENGLISH.tokenise(ENGLISH.sentence(words))).toEqual(words);
      }),
    );
  });

  it('is read back as the words of the caption that they came from', () => {
    const word = fc.constantFrom(
      'man',
      'MEN',
      'do',
      't-shirt',
      "o'clock",
      '3',
      '2.5',
      'ß',
      'İ',
      'Σας',
      'été',
    );
    const ending = fc.constantFrom('', '', "'s", "n't", " 's", " n't", "'re", '.', ',', '-', "'");
    const caption = fc
      .array(fc.tuple(word, ending))
      .map((pairs) => pairs.map((pair) => pair.join('')).join(' '));
    fc.assert(
      fc.property(caption, (text) => {
        const words = ENGLISH.tokenise(text);
        expect(ENGLISH.tokenise(ENGLISH.sentence(words))).toEqual(words);
      }),
      { numRuns: 300 },
    );
  });

  it('begins with a capital that is read back as the letter, for every letter there is', () => {
    const lost: string[] = [];
    for (let code = 0; code < 0x20000; code++) {
      const [word, ...rest] = ENGLISH.tokenise(String.fromCodePoint(code));
      if (word === undefined || rest.length > 0) continue;
      if (ENGLISH.tokenise(ENGLISH.sentence([word, 'x'])).join(' ') !== `${word} x`) lost.push(word);
    }
    expect(lost).toEqual([]);
  });
});
