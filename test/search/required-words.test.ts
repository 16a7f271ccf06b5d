import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../../src/search/index.js';
import { model, required, rules } from './arbitraries.js';
import { countMet, everyCaption, plainBeam } from './exhaustive.js';
import { RandomStepper } from './random-stepper.js';

const images = fc.array(fc.record({ seed: fc.integer(), words: required }), { minLength: 1, maxLength: 4 });

describe('beamSearch with required words', () => {
  it('finds, wide enough, the best of every caption that has them', async () => {
    const sizes = fc.record({ words: fc.constant(3), spread: fc.constantFrom(0.5, 1, 3) });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer(), required, async (size, seed, words) => {
        const stepper = new RandomStepper(size);
        const any = { minimumLength: 0, banned: [], noEndAfter: [], noRepeatNgram: 0 };
        const all = { ...any, maximumLength: 3, lengthPenalty: 0.7 };
        const every = everyCaption(stepper, seed, all);
        const having = every.filter(({ tokens }) => countMet(tokens, words) === words.length);
        fc.pre(having.length > 0);
        const nBest = Math.min(5, having.length);
        const options = { ...all, beamWidth: every.length, nBest, required: [words] };
        const [found] = await beamSearch(stepper, [seed], 1, options);
        expect(found?.map(({ score }) => score)).toEqual(having.slice(0, nBest).map(({ score }) => score));
        expect(found?.[0]).toEqual(having[0]);
      }),
      { numRuns: 60 },
    );
  });

  it('is what its description says for each image of a batch, of which others have other words or none', async () => {
    await fc.assert(
      fc.asyncProperty(
        model,
        images,
        rules,
        fc.integer({ min: 1, max: 3 }),
        async (sizes, those, permitted, width) => {
          const stepper = new RandomStepper(sizes);
          const words = those.map((image) =>
            image.words.filter(
              ({ anyOf }) => !anyOf.every((token) => (permitted.banned as readonly number[]).includes(token)),
            ),
          );
          const search = { ...permitted, beamWidth: width, nBest: width };
          fc.pre(words.every(({ length }) => length <= permitted.maximumLength));
          const seeds = those.map(({ seed }) => seed);
          const found = await beamSearch(stepper, seeds, seeds.length, { ...search, required: words });
          expect(found).toEqual(seeds.map((seed, image) => plainBeam(stepper, seed, search, words[image])));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes captions that have them all, whichever of a word’s forms it takes', async () => {
    const stepper = new RandomStepper({ words: 40, spread: 3 });
    const words = [{ anyOf: [20, 21] }, { anyOf: [30] }];
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const search = { required: seeds.map(() => words), maximumLength: 10 };
    const found = (await beamSearch(stepper, seeds, seeds.length, search)).flat();
    expect(found).toHaveLength(seeds.length);
    for (const { tokens } of found) expect(countMet(tokens, words)).toBe(2);
    const forms = new Set(found.flatMap(({ tokens }) => tokens.filter((token) => [20, 21].includes(token))));
    expect(forms.size).toBe(2);
  });

  it('costs an image without them nothing', async () => {
    const rowsOf = async (words: (readonly { anyOf: number[] }[] | undefined)[] | undefined) => {
      const stepper = new RandomStepper({ words: 40, spread: 3 });
      await beamSearch(stepper, [1, 2, 3], 3, { required: words, maximumLength: 6 });
      return stepper.stepRows;
    };
    const plain = await rowsOf(undefined);
    expect(await rowsOf([[], undefined])).toEqual(plain);
    const one = await rowsOf([undefined, [{ anyOf: [20] }]]);
    // The one image has a second beam.
    for (const [step, rows] of plain.slice(0, 4).entries()) expect(one[step]).toBeLessThanOrEqual(rows + 6);
  });
});
