import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byConsensus } from '../../src/search/consensus.js';
import { findCaptions, type Hypothesis, type SearchChoice } from '../../src/search/index.js';
import { model, seeds } from './arbitraries.js';
import { RandomStepper } from './random-stepper.js';

/** Captions that score in the order in which they are given. */
function captions(...texts: number[][]): Hypothesis[] {
  return texts.map((tokens, index) => ({ tokens, logProbability: -index, score: -index, ended: true }));
}
const texts = (found: readonly Hypothesis[]) => found.map(({ tokens }) => tokens.join(' '));

describe('byConsensus', () => {
  it('puts first what agrees most with the others, though it scores below them', () => {
    // dog runs; cat sits here; dog runs on grass; a dog on grass
    const found = captions([5, 6], [7, 8, 9], [5, 6, 10, 11], [4, 5, 10, 11]);
    expect(texts(byConsensus(found, 4))[0]).toBe('5 6 10 11');
  });

  it('lets a rare word that they share count for more than a frequent one', () => {
    const found = captions([4, 20], [4, 30], [900, 21], [900, 31], [900, 41]);
    expect(byConsensus(found, 5)[0]?.tokens[0]).toBe(900);
  });

  it('leaves the order of captions that agree equally, of fewer than three, and of those behind the compared', () => {
    const strangers = captions([4], [5], [6]);
    expect(byConsensus(strangers, 3)).toEqual(strangers);
    const two = captions([4, 5], [4, 6]);
    expect(byConsensus(two, 5)).toEqual(two);
    const four = captions([4], [5, 6], [5, 7], [5, 6]);
    expect(texts(byConsensus(four, 3))).toEqual(['5 6', '5 7', '4', '5 6']);
  });

  it('adds merit to the mean agreement, also of one and of two captions', () => {
    const merits = new Map([
      [5, 0],
      [6, 0.2],
      [7, 0.9],
    ]);
    const merit = ({ tokens: [first] }: Pick<Hypothesis, 'tokens'>) => merits.get(first!) ?? 0;
    expect(texts(byConsensus(captions([5], [6]), 2, merit))).toEqual(['6', '5']);
    expect(texts(byConsensus(captions([5]), 1, merit))).toEqual(['5']);
    // The first two agree wholly with one of two others: by a half.
    const found = captions([5, 30], [5, 30], [7, 31]);
    expect(texts(byConsensus(found, 3, () => 0))[0]).toBe('5 30');
    expect(texts(byConsensus(found, 3, merit))[0]).toBe('7 31');
    expect(texts(byConsensus(found, 3, (caption) => merit(caption) / 2))[0]).toBe('5 30');
  });

  it('takes captions without words as unlike all others', () => {
    expect(texts(byConsensus(captions([], [5], [5, 6]), 3))).toEqual(['5', '5 6', '']);
  });
});

describe('findCaptions with consensus', () => {
  it('gives the same captions as without, in another order, and as many as asked for', async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, async (sizes, images) => {
        const stepper = new RandomStepper(sizes);
        for (const method of ['beam', 'diverse', 'sample'] as const) {
          const options = method === 'sample' ? {} : { beamWidth: 5 };
          const search = (more: object) =>
            findCaptions(stepper, images, images.length, {
              method,
              options: { ...options, ...more },
            } as SearchChoice);
          const plain = await search({ nBest: 5 });
          const agreed = await search({ nBest: 1, consensus: 5 });
          const all = await search({ nBest: 5, consensus: 5 });
          for (const [image, found] of plain.entries()) {
            expect(texts(all[image] ?? []).toSorted()).toEqual(texts(found).toSorted());
            expect(agreed[image]).toEqual(all[image]?.slice(0, 1));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
