import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCaptions, type SearchChoice, type SearchOptions } from '../../src/search/index.js';
import { END, START } from '../../src/text/index.js';
import { model, rules, seeds } from './arbitraries.js';
import { mayFollow } from './exhaustive.js';
import { RandomStepper } from './random-stepper.js';

/** Every method with some options of its own. */
function searches(common: SearchOptions): SearchChoice[] {
  const options = { ...common, nBest: 2 };
  return [
    { method: 'greedy', options },
    { method: 'beam', options: { ...options, beamWidth: 3 } },
    { method: 'diverse', options: { ...options, beamWidth: 4, groups: 2, diversity: 0.7 } },
    { method: 'sample', options: { ...options, seed: 3 } },
    { method: 'sample', options: { ...options, temperature: 1.5, topK: 3 } },
    { method: 'sample', options: { ...options, temperature: 0.7, topP: 0.8 } },
  ];
}

describe('every search', () => {
  it('writes only what its options permit, no caption twice, the best first, and says how likely each is', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, rules, async (sizes, images, permitted) => {
        const stepper = new RandomStepper(sizes);
        for (const search of searches(permitted)) {
          const found = await findCaptions(stepper, images, images.length, search);
          for (const [image, captions] of found.entries()) {
            const seed = images[image] ?? 0;
            for (const { tokens, logProbability, score, ended } of captions) {
              expect(tokens.length).toBeLessThanOrEqual(permitted.maximumLength);
              const written = ended ? [...tokens, END] : tokens;
              let total = 0;
              for (const [place, token] of written.entries()) {
                const before = tokens.slice(0, place);
                expect(mayFollow(before, token, permitted)).toBe(true);
                total += stepper.distribution({ seed, tokens: [START, ...before] })[token] ?? Number.NaN;
              }
              expect(logProbability).toBeCloseTo(total, 6);
              expect(score).toBeCloseTo(total / written.length ** permitted.lengthPenalty, 6);
            }
            const texts = captions.map(({ tokens }) => tokens.join(' '));
            expect(new Set(texts).size).toBe(texts.length);
            const scores = captions.map(({ score }) => score);
            expect(scores).toEqual(scores.toSorted((a, b) => b - a));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('needs no more words of the network than it asks for', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, rules, async (sizes, images, permitted) => {
        const all = new RandomStepper({ ...sizes, gives: 'all' });
        const wanted = new RandomStepper({ ...sizes, gives: 'wanted' });
        for (const search of searches(permitted)) {
          expect(await findCaptions(wanted, images, images.length, search)).toEqual(
            await findCaptions(all, images, images.length, search),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('captions an image alike alone, in a batch and in another order', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, rules, fc.nat(), async (sizes, images, permitted, rotation) => {
        const stepper = new RandomStepper(sizes);
        const turn = rotation % images.length;
        const turned = [...images.slice(turn), ...images.slice(0, turn)];
        for (const search of searches(permitted)) {
          const find = async (those: readonly number[]) => {
            const options =
              search.method === 'sample' ? { ...search.options, imageSeeds: those } : search.options;
            return findCaptions(stepper, those, those.length, { ...search, options } as SearchChoice);
          };
          const batch = await find(images);
          const alone = await Promise.all(images.map(async (seed) => (await find([seed]))[0]));
          expect(batch).toEqual(alone);
          expect([...batch.slice(turn), ...batch.slice(0, turn)]).toEqual(await find(turned));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('returns where each word of each caption looked, when asked', async () => {
    const stepper = new RandomStepper({ words: 4 });
    const images = [7, 8, 9, 10, 11, 12];
    for (const search of searches({ maximumLength: 5, attention: true })) {
      for (const [image, captions] of (
        await findCaptions(stepper, images, images.length, search)
      ).entries()) {
        for (const { tokens, attention = [] } of captions) {
          expect(attention.map((cells) => [...cells])).toEqual(
            tokens.map((_, place) => [images[image], place + 1]),
          );
        }
      }
    }
    for (const search of searches({})) {
      expect((await findCaptions(stepper, [8], 1, search))[0]?.[0]).not.toHaveProperty('attention');
    }
  });

  it('returns no caption, rather than a wrong one, where the network gives no numbers', async () => {
    const broken = new RandomStepper({ words: 2, impossible: 1 });
    for (const search of searches({}))
      expect(await findCaptions(broken, [1, 2], 2, search)).toEqual([[], []]);
  });
});
