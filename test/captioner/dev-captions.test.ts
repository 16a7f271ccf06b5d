import { describe, expect, it } from 'vitest';
import { bestChoice, chosenOf, type DevCaptions } from '../../src/captioner/dev-captions.js';

/** A picture whose third caption is the right one; the first two agree with each other. @param fits of the three. */
function picture(number: number, fits: readonly number[]): DevCaptions['pictures'][number] {
  const right = `a dog number ${number} runs on grass`;
  const texts = [`a cat sits ${number}`, `a cat sits here ${number}`, right];
  return {
    example: { id: String(number), image: `${number}.jpg`, captions: [right], split: 'dev' },
    captions: texts.map((text, index) => {
      const tokens = text.split(' ').map((word) => 4 + word.length + 10 * index * Number(index === 2));
      const evidence = {
        wordLogProbabilities: [],
        image: new Float32Array(0),
        classLogits: undefined,
        tagsNamed: undefined,
      };
      return { text, tokens, ...evidence, wordFit: fits[index] };
    }),
  };
}

/** A picture whose first caption is the right one, though the words to expect say otherwise. */
function swapped(number: number): DevCaptions['pictures'][number] {
  const one = picture(number, [0.1, 0.1, 0.4]);
  return { ...one, example: { ...one.example, captions: [one.captions[0]?.text ?? ''] } };
}

const set = (name: string, fits: readonly number[]): DevCaptions => {
  return { set: name, pictures: Array.from({ length: 10 }, (_, number) => picture(number, fits)) };
};
const telling = set('telling', [0.1, 0.1, 0.4]);
const misleading = set('misleading', [0.4, 0.1, 0.1]);

/** Searches that find the same captions, however much the words to expect count. */
const searches = (sets: readonly DevCaptions[]) =>
  [0, 1, 2, 4].map((expectedWords) => ({ expectedWords, sets }));

/** The best choice among all three captions. */
const best = (...sets: DevCaptions[]) => bestChoice(searches(sets), [3], 'en');

describe('the choice among the captions of dev pictures', () => {
  it('has the least weight of the words to expect that chooses the right ones', () => {
    const { expectedWords } = best(telling);
    expect(expectedWords).toBeGreaterThan(0);
    for (const { captions } of telling.pictures) {
      const text = (weight: number) => chosenOf(captions, { consensus: 3, expectedWords: weight }).text;
      expect(text(expectedWords)).toContain('dog');
      expect(text(expectedWords / 2)).toContain('cat');
      expect(text(0)).toContain('cat');
    }
  });

  it('does without them where they do not help', () => {
    expect(best(misleading).expectedWords).toBe(0);
  });

  it('weighs sets alike, however many pictures they have', () => {
    // A few pictures whose right caption is lost by the weight that the many need.
    const few = { set: 'few', pictures: Array.from({ length: 3 }, (_, number) => swapped(number)) };
    const many = {
      set: 'many',
      pictures: Array.from({ length: 12 }, (_, n) => picture(n, n < 7 ? [0.1, 0.1, 0.4] : [0.4, 0.1, 0.1])),
    };
    expect(best(many).expectedWords).toBeGreaterThan(0);
    expect(best(few).expectedWords).toBe(0);
    expect(best(many, few).expectedWords).toBe(0);
  });

  it('is of the search that found the better captions', () => {
    // The second search finds the right caption first.
    const pictures = telling.pictures.map(({ example, captions }) => ({
      example,
      captions: captions.toReversed(),
    }));
    const found = [
      { expectedWords: 0, sets: [telling] },
      { expectedWords: 4, sets: [{ set: 'telling', pictures }] },
    ];
    expect(bestChoice(found, [0], 'en')).toEqual({ consensus: 0, ...found[1] });
    expect(bestChoice(found.slice(0, 1), [0], 'en')).toEqual({ consensus: 0, ...found[0] });
  });

  it('compares no more captions than it must', () => {
    expect(bestChoice(searches([telling]), [2, 3], 'en')).toEqual(best(telling));
    expect(bestChoice(searches([misleading]), [2, 3], 'en').consensus).toBe(2);
    const [{ captions } = { captions: [] }] = misleading.pictures;
    expect(chosenOf(captions, { consensus: 0, expectedWords: 9 })).toBe(captions[0]);
  });
});
