import { expect, it } from 'vitest';
import { findCaptions, type SearchChoice } from '../../src/search/index.js';
import { END, START } from '../../src/text/index.js';
import { RandomStepper } from './random-stepper.js';

const options = { maximumLength: 5, nBest: 2, wordLogProbabilities: true };
const searches: readonly SearchChoice[] = [
  { method: 'greedy', options },
  { method: 'beam', options: { ...options, beamWidth: 3 } },
  { method: 'diverse', options: { ...options, beamWidth: 4, groups: 2, diversity: 0.7 } },
  { method: 'sample', options: { ...options, temperature: 1.5 } },
];

it('says how likely each word of a caption and its end are, for the confidence to be computed from', async () => {
  const stepper = new RandomStepper({ words: 4 });
  const images = [7, 8, 9, 10, 11, 12];
  for (const search of searches) {
    const found = await findCaptions(stepper, images, images.length, search);
    for (const [image, captions] of found.entries()) {
      for (const { tokens, ended, wordLogProbabilities = [] } of captions) {
        const written = ended ? [...tokens, END] : tokens;
        const expected = written.map((token, place) => {
          const before = [START, ...tokens.slice(0, place)];
          return stepper.distribution({ seed: images[image] ?? 0, tokens: before })[token] ?? Number.NaN;
        });
        expect(wordLogProbabilities).toEqual(expected.map((value) => expect.closeTo(value, 6)));
      }
    }
  }
});

it('does not say it when not asked', async () => {
  const [found] = await findCaptions(new RandomStepper({ words: 4 }), [8], 1, {
    method: 'greedy',
    options: {},
  });
  expect(found?.[0]).not.toHaveProperty('wordLogProbabilities');
});
