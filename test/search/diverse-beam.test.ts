import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beamSearch, diverseBeamSearch, type Hypothesis } from '../../src/search/index.js';
import { END, START } from '../../src/text/index.js';
import { model, rules, seeds } from './arbitraries.js';
import { mayFollow, type PlainRules } from './exhaustive.js';
import { RandomStepper } from './random-stepper.js';

interface PlainOptions extends PlainRules {
  readonly groups: number;
  readonly width: number;
  readonly diversity: number;
}

/** Diverse beam search as it is described: each group's finished captions, the best first. */
function plainDiverse(stepper: RandomStepper, seed: number, options: PlainOptions): Hypothesis[][] {
  const { groups, width, diversity, maximumLength, lengthPenalty } = options;
  const finished: Hypothesis[][] = Array.from({ length: groups }, () => []);
  const live = Array.from({ length: groups }, () => [{ tokens: [] as number[], total: 0 }]);
  for (let length = 1; length <= maximumLength; length++) {
    const earlier: number[] = [];
    for (const [group, done] of finished.entries()) {
      if (done.length >= width) continue;
      const candidates = (live[group] ?? []).flatMap(({ tokens, total }) =>
        Array.from(stepper.distribution({ seed, tokens: [START, ...tokens] }), (value, token) => {
          const times = token === END ? 0 : earlier.filter((other) => other === token).length;
          return { tokens, token, total: total + value, choice: total + value - diversity * times };
        }).filter(
          ({ token, total }) => mayFollow(tokens, token, options) && total > Number.NEGATIVE_INFINITY,
        ),
      );
      candidates.sort((a, b) => b.choice - a.choice);
      for (const { tokens, token, total } of candidates.slice(0, width)) {
        const score = total / length ** lengthPenalty;
        if (token === END) done.push({ tokens, logProbability: total, score, ended: true });
      }
      live[group] = candidates
        .filter(({ token }) => token !== END)
        .slice(0, done.length >= width ? 0 : width)
        .map(({ tokens, token, total }) => ({ tokens: [...tokens, token], total }));
      earlier.push(...(live[group] ?? []).map(({ tokens }) => tokens.at(-1) ?? 0));
    }
  }
  for (const [group, done] of finished.entries()) {
    for (const { tokens, total } of live[group] ?? []) {
      const score = total / maximumLength ** lengthPenalty;
      done.push({ tokens, logProbability: total, score, ended: false });
    }
    done.sort((a, b) => b.score - a.score);
    done.length = Math.min(done.length, width);
  }
  return finished;
}

const texts = (captions: readonly Hypothesis[]) => captions.map(({ tokens }) => tokens.join(' ')).sort();
/** No ties: which of equals a group takes is told by no description. */
const untied = model.map((sizes) => ({ ...sizes, spread: sizes.spread || 1 }));

describe('diverseBeamSearch', () => {
  it('is what its description says', async () => {
    const shape = fc.record({
      groups: fc.integer({ min: 1, max: 3 }),
      width: fc.integer({ min: 1, max: 2 }),
      diversity: fc.constantFrom(0.3, 0.9, 5),
    });
    await fc.assert(
      fc.asyncProperty(untied, seeds, rules, shape, async (sizes, images, permitted, drawn) => {
        const stepper = new RandomStepper(sizes);
        const beamWidth = drawn.groups * drawn.width;
        const options = { ...permitted, ...drawn, beamWidth, nBest: beamWidth };
        const found = await diverseBeamSearch(stepper, images, images.length, options);
        for (const [image, captions] of found.entries()) {
          const expected = plainDiverse(stepper, images[image] ?? 0, { ...permitted, ...drawn });
          expect(texts(captions)).toEqual([...new Set(texts(expected.flat()))]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is beam search in its first group', async () => {
    await fc.assert(
      fc.asyncProperty(
        model,
        seeds,
        rules,
        fc.integer({ min: 1, max: 3 }),
        async (sizes, images, permitted, width) => {
          const stepper = new RandomStepper(sizes);
          const options = { ...permitted, beamWidth: width, nBest: width };
          const beam = await beamSearch(stepper, images, images.length, options);
          expect(await diverseBeamSearch(stepper, images, images.length, { ...options, groups: 1 })).toEqual(
            beam,
          );
        },
      ),
    );
  });

  it('writes captions that differ the more, the more it is told to', async () => {
    const stepper = new RandomStepper({ words: 30, spread: 2.5 });
    const images = Array.from({ length: 30 }, (_, seed) => seed);
    const different = async (diversity: number) => {
      const options = { beamWidth: 4, nBest: 4, maximumLength: 8, diversity };
      const found = await diverseBeamSearch(stepper, images, images.length, options);
      return found.reduce((sum, captions) => sum + new Set(captions.flatMap(({ tokens }) => tokens)).size, 0);
    };
    const [none, some, much] = [await different(0), await different(1), await different(10)];
    expect(some).toBeGreaterThan(none);
    expect(much).toBeGreaterThan(some);
  });

  it('names an option that is out of its range', async () => {
    const stepper = new RandomStepper({ words: 2 });
    for (const wrong of [{ beamWidth: 4, groups: 3 }, { groups: 0 }, { diversity: -1 }, { nBest: 4 }]) {
      await expect(diverseBeamSearch(stepper, [1], 1, wrong)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});
