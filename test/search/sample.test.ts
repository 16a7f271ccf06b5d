import { describe, expect, it } from 'vitest';
import { greedySearch, type SampleOptions, sampleSearch } from '../../src/search/index.js';
import { END, START } from '../../src/text/index.js';
import { RandomStepper } from './random-stepper.js';

const stepper = new RandomStepper({ words: 8, spread: 1.5 });
const IMAGE = 5;
const DRAWS = 4000;

/** How often each token is drawn as an image's first. */
async function firstTokens(options: SampleOptions): Promise<Map<number, number>> {
  const images = new Array<number>(DRAWS).fill(IMAGE);
  const all = { minimumLength: 0, maximumLength: 1, ...options };
  const found = await sampleSearch(stepper, images, DRAWS, all);
  const counts = new Map<number, number>();
  for (const [caption] of found) {
    const token = caption?.tokens[0] ?? END;
    counts.set(token, (counts.get(token) ?? 0) + 1 / DRAWS);
  }
  return counts;
}

/** How often each should be, the likeliest first: p^(1/temperature) over their sum. */
function likeliestFirst(temperature = 1, count = Number.POSITIVE_INFINITY): [token: number, share: number][] {
  const row = Array.from(stepper.distribution({ seed: IMAGE, tokens: [START] }));
  const words = row.map((value, token) => ({ token, weight: Math.exp(value / temperature) }));
  const permitted = words.filter(({ token }) => token === END || token > 3);
  const kept = permitted.sort((a, b) => b.weight - a.weight).slice(0, count);
  const sum = kept.reduce((total, { weight }) => total + weight, 0);
  return kept.map(({ token, weight }) => [token, weight / sum]);
}

function expectShares(actual: ReadonlyMap<number, number>, expected: readonly [number, number][]): void {
  // Four standard deviations of a share that is drawn so often.
  for (const [token, share] of expected) {
    expect(Math.abs((actual.get(token) ?? 0) - share)).toBeLessThan(4 * Math.sqrt(share / DRAWS));
  }
  expect([...actual.keys()].every((token) => expected.some(([known]) => known === token))).toBe(true);
}

describe('sampleSearch', () => {
  it.each([1, 0.5, 2])('draws words as likely as they are at temperature %s', async (temperature) => {
    expectShares(await firstTokens({ temperature }), likeliestFirst(temperature));
  });

  it('draws among the likeliest words only, of so many or so probable together', async () => {
    expectShares(await firstTokens({ topK: 3 }), likeliestFirst(1, 3));
    expectShares(await firstTokens({ topK: 3, temperature: 2 }), likeliestFirst(2, 3));
    const all = likeliestFirst();
    let together = 0;
    const nucleus = all.findIndex(([, share]) => {
      together += share;
      return together >= 0.6;
    });
    expect(nucleus).toBeGreaterThan(0);
    expectShares(await firstTokens({ topP: 0.6 }), likeliestFirst(1, nucleus + 1));
    expectShares(await firstTokens({ topP: 1e-9 }), likeliestFirst(1, 1));
    expectShares(await firstTokens({ topK: 4, topP: 0.99999 }), likeliestFirst(1, 4));
  });

  it('repeats with its seed and not with another', async () => {
    const images = Array.from({ length: 20 }, (_, seed) => seed);
    const draw = (seed: number, imageSeeds = images) =>
      sampleSearch(stepper, images, images.length, { seed, imageSeeds, nBest: 3 });
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect(await draw(2)).not.toEqual(first);
    expect(
      await draw(
        1,
        images.map((image) => image + 1),
      ),
    ).not.toEqual(first);
  });

  it('draws several captions of an image, each by itself', async () => {
    const [found = []] = await sampleSearch(stepper, [IMAGE], 1, { nBest: 6, maximumLength: 6 });
    expect(found.length).toBeGreaterThan(3);
    expect(new Set(found.map(({ tokens }) => tokens[0])).size).toBeGreaterThan(1);
  });

  it('is greedy search where it is cold', async () => {
    const images = Array.from({ length: 20 }, (_, seed) => seed);
    const cold = await sampleSearch(stepper, images, images.length, { temperature: 1e-6 });
    expect(cold).toEqual(await greedySearch(stepper, images, images.length));
  });

  it('names an option that is out of its range', async () => {
    for (const wrong of [{ temperature: 0 }, { topK: 0 }, { topP: 0 }, { topP: 1.1 }, { seed: -1 }]) {
      await expect(sampleSearch(stepper, [1], 1, wrong)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});

describe('greedySearch', () => {
  it('gives, asked for several, one for each of the likeliest first words', async () => {
    const images = Array.from({ length: 10 }, (_, seed) => seed);
    const several = await greedySearch(stepper, images, images.length, { nBest: 3 });
    const one = await greedySearch(stepper, images, images.length);
    for (const [image, captions] of several.entries()) {
      const row = Array.from(stepper.distribution({ seed: images[image] ?? 0, tokens: [START] }));
      const likeliest = row.map((value, token) => ({ value, token })).filter(({ token }) => token > 3);
      likeliest.sort((a, b) => b.value - a.value);
      expect(new Set(captions.map(({ tokens }) => tokens[0]))).toEqual(
        new Set(likeliest.slice(0, 3).map(({ token }) => token)),
      );
      expect(captions).toContainEqual(one[image]?.[0]);
    }
  });
});
