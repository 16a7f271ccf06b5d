import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCaptions, type Hypothesis, type Preference, type SearchChoice } from '../../src/search/index.js';
import { END, SPECIAL_TOKENS, START } from '../../src/text/index.js';
import { model, required, rules, seeds } from './arbitraries.js';
import { RandomStepper } from './random-stepper.js';

const texts = (found: readonly Hypothesis[]) => found.map(({ tokens }) => tokens.join(' '));

/** So many of the likeliest words are preferred. */
const PREFERRED = 16;

/** More words than are preferred, or fewer. */
const sizes = fc.record({
  words: fc.constantFrom(2, 6, 40),
  spread: fc.constantFrom(0, 1, 3),
  impossible: fc.constantFrom(0, 3),
  gives: fc.constantFrom('all', 'wanted'),
});

/** What an image adds to a word, as exact as log-probabilities are. @param image its seed. */
const added = (image: number, token: number) => Math.fround(3 * Math.abs(Math.sin(image + 7 * token)));

const preferenceOf = (image: number): Preference => ({
  ofWord: (token) => added(image, token),
  ofCaption: () => 0,
});

/** The network whose own words are likelier as the preferences of its images have it. */
class Preferring extends RandomStepper {
  override distribution(history: Parameters<RandomStepper['distribution']>[0]): Float32Array {
    const own = super.distribution(history);
    const possible = [...own.keys()].filter((token) => own[token]! > Number.NEGATIVE_INFINITY);
    possible.sort((a, b) => own[b]! - own[a]! || a - b);
    const preferred = new Set(possible.slice(0, PREFERRED));
    return own.map((value, token) => {
      const counts =
        token >= SPECIAL_TOKENS.length && preferred.has(token) && !history.tokens.includes(token);
      return value + (counts ? added(history.seed, token) : 0);
    });
  }
}

/** The searches, with what a caption must be like; words are required of the first image alone. */
const searches = fc
  .record({ rules, required, nBest: fc.integer({ min: 1, max: 3 }), topK: fc.constantFrom(undefined, 2) })
  .map(({ rules: options, required: words, nBest, topK }): SearchChoice[] => [
    { method: 'greedy', options: { ...options, nBest, wordLogProbabilities: true } },
    {
      method: 'beam',
      options: {
        ...options,
        nBest,
        beamWidth: 3,
        banned: [],
        required: [words.slice(0, options.maximumLength)],
        wordLogProbabilities: true,
      },
    },
    { method: 'diverse', options: { ...options, nBest, beamWidth: 4, wordLogProbabilities: true } },
    { method: 'sample', options: { ...options, nBest, topK, wordLogProbabilities: true } },
  ]);

describe('findCaptions with preferences', () => {
  it('searches as if the network preferred so, whichever words it gives', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, seeds, searches, async (size, images, choices) => {
        for (const choice of choices) {
          const preferences = images.map(preferenceOf);
          const found = await findCaptions(
            new RandomStepper(size),
            images,
            images.length,
            choice,
            preferences,
          );
          const network = new Preferring({ ...size, gives: 'all' });
          const expected = await findCaptions(network, images, images.length, choice);
          expect(found.map(texts)).toEqual(expected.map(texts));
          for (const [index, { score }] of found.flat().entries()) {
            expect(score).toBeCloseTo(expected.flat()[index]!.score, 4);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gives the log-probabilities that are the network's own", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, seeds, searches, async (size, images, choices) => {
        const stepper = new RandomStepper(size);
        for (const choice of choices) {
          const found = await findCaptions(stepper, images, images.length, choice, images.map(preferenceOf));
          for (const [image, captions] of found.entries()) {
            for (const { tokens, logProbability, wordLogProbabilities, ended } of captions) {
              const written = ended ? [...tokens, END] : tokens;
              const own = written.map((token, place) => {
                const before = [START, ...tokens.slice(0, place)];
                return stepper.distribution({ seed: images[image]!, tokens: before })[token]!;
              });
              expect(wordLogProbabilities?.length).toBe(own.length);
              for (const [place, value] of own.entries()) {
                expect(wordLogProbabilities?.[place]).toBeCloseTo(value, 4);
              }
              expect(logProbability).toBeCloseTo(
                own.reduce((sum, value) => sum + value, 0),
                4,
              );
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("adds what each image thinks of a whole caption to the captions' agreement", async () => {
    await fc.assert(
      fc.asyncProperty(model, seeds, async (size, images) => {
        const stepper = new RandomStepper(size);
        const choice = { method: 'beam', options: { beamWidth: 4, nBest: 4, consensus: 4 } } as const;
        const plain = await findCaptions(stepper, images, images.length, choice);
        // Of each image another caption is the one.
        const wanted = plain.map((found, image) => texts(found)[image % found.length]);
        const preferences = wanted.map((text): Preference => {
          return { ofWord: () => 0, ofCaption: ({ tokens }) => (tokens.join(' ') === text ? 10 : 0) };
        });
        const chosen = await findCaptions(stepper, images, images.length, choice, preferences);
        expect(chosen.map((found) => texts(found)[0])).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });
});
