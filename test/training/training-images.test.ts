import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END, START, UNKNOWN, Vocabulary } from '../../src/text/index.js';
import { toTrainingImage } from '../../src/training/training-images.js';

const vocabulary = Vocabulary.of(['a dog runs left right'], 1);
const example = (...captions: string[]) => ({ id: '1', image: '/1.jpg', captions, split: 'train' as const });
const captionsOf = (maximumLength: number, ...captions: string[]) =>
  toTrainingImage(example(...captions), vocabulary, maximumLength).captions;

describe('toTrainingImage', () => {
  it('puts each caption between START and END, a word that is not learnt as unknown', () => {
    const [a, dog, runs] = ['a', 'dog', 'runs'].map((word) => vocabulary.numberOf(word));
    expect(captionsOf(20, 'A dog runs.', 'a zebra')).toEqual([
      [START, a, dog, runs, END],
      [START, a, UNKNOWN, END],
    ]);
  });

  it('takes END along when it cuts, so that the model does not learn to stop in mid-sentence', () => {
    const [a, dog, runs] = ['a', 'dog', 'runs'].map((word) => vocabulary.numberOf(word));
    expect(captionsOf(3, 'a dog runs')).toEqual([[START, a, dog, runs, END]]);
    expect(captionsOf(3, 'a dog runs a')).toEqual([[START, a, dog, runs]]);
    expect(captionsOf(1, 'a dog')).toEqual([[START, a]]);
  });

  it('keeps as many words as the configuration says, whatever the caption', () => {
    const words = fc.array(fc.constantFrom('a', 'dog', 'runs'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 8 }), (caption, most) => {
        const [tokens = []] = captionsOf(most, caption.join(' '));
        const ends = tokens.at(-1) === END;
        expect(tokens[0]).toBe(START);
        expect(tokens.length - (ends ? 2 : 1)).toBe(Math.min(caption.length, most));
        expect(ends).toBe(caption.length <= most);
      }),
    );
  });

  it.each([
    ['a dog on the left', false],
    ['the RIGHT, dog', false],
    ['on the right-hand side', false],
    ['the leftmost dog', false],
    ['a left-handed player', false],
    ['a bright dog with leftovers', true],
    ['a dog runs', true],
  ])('takes a mirror image of "%s": %s', (caption, mirrorable) => {
    expect(toTrainingImage(example('a dog', caption), vocabulary, 20).mirrorable).toBe(mirrorable);
  });

  it('looks for sides beyond where the caption is cut too: the other captions of the image still say them', () => {
    expect(toTrainingImage(example('a dog runs left'), vocabulary, 2).mirrorable).toBe(false);
  });
});
