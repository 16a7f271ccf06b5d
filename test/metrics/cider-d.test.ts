import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CiderD, evaluateCaptions, tokeniseForMetrics } from '../../src/metrics/index.js';

const REFERENCES = [
  ['a brown dog runs across the grass', 'the dog is running'],
  ['two people ride bicycles on a road', 'cyclists on a road near the sea', 'people cycling'],
  ['a child in a red shirt climbs a tree', 'the child is in a tree'],
];
const build = () =>
  new CiderD(REFERENCES.map((captions) => captions.map((caption) => tokeniseForMetrics(caption))));

const words = [...new Set(REFERENCES.flat().flatMap((caption) => caption.split(' '))), 'unheard', 'of'];
const caption = fc.array(fc.constantFrom(...words), { maxLength: 12 });

describe('CiderD', () => {
  it('gives training the same scores as the evaluation', () => {
    const cider = build();
    fc.assert(
      fc.property(fc.tuple(caption, caption, caption), (captions) => {
        const evaluated = evaluateCaptions(
          captions.map((tokens, i) => ({
            id: `${i}`,
            candidate: tokens.join(' '),
            references: REFERENCES[i]!,
          })),
        );
        captions.forEach((tokens, i) => {
          expect(cider.score(i, tokens)).toBeCloseTo(evaluated.perImage[i]!.ciderD, 12);
        });
      }),
    );
  });

  it('keeps nothing of the captions it scored: their order makes no difference', () => {
    const used = build();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(REFERENCES.length - 1), caption)), (calls) => {
        for (const [image, tokens] of calls) {
          expect(used.score(image, tokens)).toBe(build().score(image, tokens));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is highest, 10, where the candidate is the only reference, and 0 where they share no word', () => {
    const cider = new CiderD([[['a', 'brown', 'dog', 'runs']], [['the', 'sea', 'at', 'night']]]);
    expect(cider.score(0, ['a', 'brown', 'dog', 'runs'])).toBeCloseTo(10, 12);
    expect(cider.score(0, ['two', 'people'])).toBe(0);
    expect(cider.score(0, [])).toBe(0);
  });

  it('does not reward a word for being repeated', () => {
    const cider = build();
    const once = cider.score(0, ['a', 'brown', 'dog', 'runs']);
    expect(cider.score(0, ['a', 'brown', 'dog', 'dog', 'dog', 'dog', 'runs'])).toBeLessThan(once);
  });

  it('refuses an image that it was not built with', () => {
    expect(() => build().score(REFERENCES.length, ['a'])).toThrow(RangeError);
  });
});
