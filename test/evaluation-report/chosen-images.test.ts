import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionedRow } from '../../src/captioner/index.js';
import { chooseImages, type ScoredImage } from '../../src/evaluation-report/chosen-images.js';

const image = (ciderD: number, index: number): ScoredImage => {
  const id = String(index);
  const row: CaptionedRow = { image: id, caption: id, confidence: 0.5, captions: [], model: 'tiny' };
  const example = { id, image: id, captions: [id], split: 'dev' } as const;
  return { row, example, scores: { id, ciderD, rougeL: 0, meteor: 0 } };
};

describe('the images that a report shows', () => {
  it('are the best, the worst, none in both, and the same random ones each time', () => {
    const scores = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scores, (values) => {
        const images = values.map(image);
        const { best, worst, random } = chooseImages(images);
        const sorted = values.toSorted((a, b) => b - a);
        const of = (some: readonly ScoredImage[]) => some.map(({ scores }) => scores.ciderD);
        expect(of(best)).toEqual(sorted.slice(0, best.length));
        expect(of(worst)).toEqual(sorted.reverse().slice(0, worst.length));
        expect(new Set([...best, ...worst]).size).toBe(best.length + worst.length);
        expect(best.length + worst.length).toBe(Math.min(20, values.length));
        expect(new Set(random).size).toBe(Math.min(10, values.length));
        expect(chooseImages(images).random).toEqual(random);
      }),
      { numRuns: 50 },
    );
  });
});
