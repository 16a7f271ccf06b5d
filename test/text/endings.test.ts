import { describe, expect, it } from 'vitest';
import { ENGLISH, impossibleEndings } from '../../src/text/index.js';

const endingOf = (caption: string) => ENGLISH.tokenise(caption).at(-1) ?? '';

describe('impossibleEndings', () => {
  it.each(['A man riding a', 'Two dogs with', 'A child on the', 'A group of', 'A boy and', 'A woman who is'])(
    'knows that no caption reads "%s"',
    (caption) => {
      expect(impossibleEndings('en').has(endingOf(caption))).toBe(true);
    },
  );

  it.each([
    'A boy with a hat on',
    'A car drives by',
    'A dog looks up',
    'One dog chases the other',
    'People ride it down',
  ])('leaves alone "%s"', (caption) => {
    expect(impossibleEndings('en').has(endingOf(caption))).toBe(false);
  });

  it('holds for every kind of English, and says nothing of other languages', () => {
    expect(impossibleEndings('en-GB')).toBe(impossibleEndings('EN'));
    // "Ein Mann zieht eine Jacke an", "Hij doet zijn jas in".
    expect(impossibleEndings('de').size).toBe(0);
    expect(impossibleEndings('nl-BE').size).toBe(0);
  });
});
