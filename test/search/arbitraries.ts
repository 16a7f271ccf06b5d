import fc from 'fast-check';
import type { RequiredWord } from '../../src/search/index.js';
import { SPECIAL_TOKENS } from '../../src/text/index.js';

/** Numbers that stand for images. */
export const seeds = fc.array(fc.integer(), { minLength: 1, maxLength: 5 });

/** What RandomStepper takes. */
export const model = fc.record({
  words: fc.integer({ min: 1, max: 6 }),
  spread: fc.constantFrom(0, 0.5, 1, 3),
  impossible: fc.constantFrom(0, 0, 3),
  gives: fc.constantFrom('all', 'wanted'),
});

export const lengthPenalty = fc.constantFrom(0, 0.5, 0.7, 1, 2);

const firstWord = SPECIAL_TOKENS.length;
const tokens = fc.uniqueArray(fc.integer({ min: firstWord, max: firstWord + 5 }), { maxLength: 2 });

/** What captions must be like; often nothing. */
export const rules = fc
  .record({
    minimumLength: fc.constantFrom(0, 1, 3),
    maximumLength: fc.integer({ min: 1, max: 7 }),
    lengthPenalty,
    banned: fc.oneof(fc.constant([]), tokens),
    noEndAfter: fc.oneof(fc.constant([]), tokens),
    noRepeatNgram: fc.constantFrom(0, 0, 1, 2, 3),
  })
  .map((drawn) => ({ ...drawn, minimumLength: Math.min(drawn.minimumLength, drawn.maximumLength) }));

/** The words required of one image. */
export const required: fc.Arbitrary<readonly RequiredWord[]> = fc.oneof(
  fc.constant([]),
  fc.array(
    fc
      .uniqueArray(fc.integer({ min: firstWord, max: firstWord + 5 }), { minLength: 1, maxLength: 3 })
      .map((anyOf) => ({
        anyOf,
      })),
    { maxLength: 2 },
  ),
);
