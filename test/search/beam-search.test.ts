import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beamSearch, greedySearch } from '../../src/search/index.js';
import { lengthPenalty, model, rules, seeds } from './arbitraries.js';
import { everyCaption, plainBeam } from './exhaustive.js';
import { RandomStepper } from './random-stepper.js';

const options = fc
  .tuple(rules, fc.integer({ min: 1, max: 5 }))
  .map(([drawn, beamWidth]) => ({ ...drawn, beamWidth }));

const ANY = { minimumLength: 0, maximumLength: 4, banned: [], noEndAfter: [], noRepeatNgram: 0 };

describe('beamSearch', () => {
  it('finds, wide enough, what trying every caption finds', async () => {
    const small = fc.record({ words: fc.integer({ min: 1, max: 4 }), spread: fc.constantFrom(0.5, 1, 3) });
    await fc.assert(
      fc.asyncProperty(small, fc.integer(), lengthPenalty, async (sizes, seed, penalty) => {
        const stepper = new RandomStepper(sizes);
        const all = { ...ANY, lengthPenalty: penalty };
        const every = everyCaption(stepper, seed, all);
        const nBest = Math.min(10, every.length);
        const [found] = await beamSearch(stepper, [seed], 1, { ...all, beamWidth: every.length, nBest });
        expect(found?.map(({ score }) => score)).toEqual(every.slice(0, nBest).map(({ score }) => score));
        expect(found?.[0]).toEqual(every[0]);
      }),
      { numRuns: 60 },
    );
  });

  it('is what its description says, early stopping and back-pointers aside', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, options, fc.nat(), async (sizes, images, search, n) => {
        const stepper = new RandomStepper(sizes);
        const all = { ...search, nBest: 1 + (n % search.beamWidth) };
        const found = await beamSearch(stepper, images, images.length, all);
        expect(found).toEqual(images.map((seed) => plainBeam(stepper, seed, all)));
      }),
      { numRuns: 300 },
    );
  });

  it('of width 1 is greedy search', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, options, async (sizes, images, search) => {
        const stepper = new RandomStepper(sizes);
        const narrow = await beamSearch(stepper, images, images.length, { ...search, beamWidth: 1 });
        expect(narrow).toEqual(await greedySearch(stepper, images, images.length, search));
      }),
    );
  });

  it('gives the same answer twice where every word is equally likely', async () => {
    const stepper = new RandomStepper({ words: 5, spread: 0 });
    const search = { beamWidth: 4, nBest: 4, maximumLength: 3, minimumLength: 0 };
    const first = await beamSearch(stepper, [1, 2], 2, search);
    expect(await beamSearch(stepper, [1, 2], 2, search)).toEqual(first);
    expect(first[0]?.[0]?.tokens).toEqual([]);
  });

  it('lets an image that is done leave the batch', async () => {
    const stepper = new RandomStepper({ words: 5, spread: 2 });
    const images = Array.from({ length: 12 }, (_, image) => image);
    await beamSearch(stepper, images, images.length, { beamWidth: 2, maximumLength: 12 });
    const [first = 0, second = 0, ...later] = stepper.stepRows;
    expect([first, second <= 24, second > 12]).toEqual([12, true, true]);
    expect(later.at(-1)).toBeLessThan(second);
  });

  it('returns where each word of each caption looked, when asked', async () => {
    const stepper = new RandomStepper({ words: 4 });
    const images = [7, 8, 9, 10, 11, 12];
    for (const find of [beamSearch, greedySearch]) {
      const search = { maximumLength: 5, attention: true, lengthPenalty: 1 };
      const found = await find(stepper, images, images.length, search);
      const written = found.map(([caption]) => caption?.tokens.map((_, position) => position + 1));
      const looked = found.map(([caption], image) =>
        (caption?.attention ?? []).map(([seed, length]) => (seed === images[image] ? length : 'elsewhere')),
      );
      expect(looked).toEqual(written);
      expect(written.flat().length).toBeGreaterThan(images.length);
      expect((await find(stepper, [8], 1))[0]?.[0]).not.toHaveProperty('attention');
    }
  });

  it('returns no caption, rather than a wrong one, where the network gives no numbers', async () => {
    const broken = new RandomStepper({ words: 2, impossible: 1 });
    expect(await beamSearch(broken, [1, 2], 2)).toEqual([[], []]);
    expect(await greedySearch(broken, [1, 2], 2)).toEqual([[], []]);
  });

  it('names an option that is out of its range', async () => {
    const stepper = new RandomStepper({ words: 2 });
    for (const wrong of [
      { beamWidth: 0 },
      { nBest: 4 },
      { maximumLength: 1.5 },
      { lengthPenalty: -1 },
      { minimumLength: 4, maximumLength: 3 },
      { noRepeatNgram: -1 },
      { required: [[{ anyOf: [] }]] },
      { required: [[{ anyOf: [4] }]], banned: [4] },
      { required: [[4, 5, 6, 7, 8].map((token) => ({ anyOf: [token] }))] },
      { required: [[{ anyOf: [4] }, { anyOf: [5] }]], maximumLength: 1 },
    ]) {
      await expect(beamSearch(stepper, [1], 1, wrong)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});
