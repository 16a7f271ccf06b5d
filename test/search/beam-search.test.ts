import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beamSearch, greedySearch } from '../../src/search/index.js';
import { END, PADDING, START, UNKNOWN } from '../../src/text/index.js';
import { everyCaption, plainBeam } from './exhaustive.js';
import { RandomStepper } from './random-stepper.js';

const seeds = fc.array(fc.integer(), { minLength: 1, maxLength: 6 });
const model = fc.record({
  words: fc.integer({ min: 1, max: 6 }),
  spread: fc.constantFrom(0, 0.5, 1, 3),
  impossible: fc.constantFrom(0, 0, 3),
});
const lengthPenalty = fc.constantFrom(0, 0.5, 0.7, 1, 2);
const options = fc.record({
  beamWidth: fc.integer({ min: 1, max: 5 }),
  maximumLength: fc.integer({ min: 1, max: 8 }),
  lengthPenalty,
});

describe('beamSearch', () => {
  it('finds, wide enough, what trying every caption finds', async () => {
    const small = fc.record({ words: fc.integer({ min: 1, max: 4 }), spread: fc.constantFrom(0.5, 1, 3) });
    await fc.assert(
      fc.asyncProperty(small, fc.integer(), lengthPenalty, async (sizes, seed, penalty) => {
        const stepper = new RandomStepper(sizes);
        const every = everyCaption(stepper, seed, 4, penalty);
        const nBest = Math.min(10, every.length);
        const search = { beamWidth: every.length, maximumLength: 4, lengthPenalty: penalty, nBest };
        const [found] = await beamSearch(stepper, [seed], 1, search);
        expect(found?.map(({ score }) => score)).toEqual(every.slice(0, nBest).map(({ score }) => score));
        expect(found?.[0]).toEqual(every[0]);
      }),
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

  it('captions an image alike alone, in a batch and in another order', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, options, fc.integer(), async (sizes, images, search, rotation) => {
        const stepper = new RandomStepper(sizes);
        const turn = Math.abs(rotation) % images.length;
        const turned = [...images.slice(turn), ...images.slice(0, turn)];
        for (const find of [beamSearch, greedySearch]) {
          const batch = await find(stepper, images, images.length, search);
          const alone = await Promise.all(
            images.map(async (seed) => (await find(stepper, [seed], 1, search))[0]),
          );
          const inTurn = await find(stepper, turned, turned.length, search);
          expect(batch).toEqual(alone);
          expect([...batch.slice(turn), ...batch.slice(0, turn)]).toEqual(inTurn);
        }
      }),
    );
  });

  it('gives the same answer twice where every word is equally likely', async () => {
    const stepper = new RandomStepper({ words: 5, spread: 0 });
    const search = { beamWidth: 4, nBest: 4, maximumLength: 3 };
    const first = await beamSearch(stepper, [1, 2], 2, search);
    expect(await beamSearch(stepper, [1, 2], 2, search)).toEqual(first);
    expect(first[0]?.[0]?.tokens).toEqual([]);
  });

  it('never writes a special or banned word', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, options, async (images, search) => {
        const stepper = new RandomStepper({ words: 4, spread: 2 });
        for (const find of [beamSearch, greedySearch]) {
          const found = await find(stepper, images, images.length, { ...search, banned: [5] });
          const written = new Set(found.flat().flatMap(({ tokens }) => tokens));
          for (const token of [PADDING, START, END, UNKNOWN, 5]) expect(written).not.toContain(token);
        }
      }),
    );
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
    for (const wrong of [{ beamWidth: 0 }, { nBest: 4 }, { maximumLength: 1.5 }, { lengthPenalty: -1 }]) {
      await expect(beamSearch(stepper, [1], 1, wrong)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});
