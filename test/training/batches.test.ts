import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { planEpoch } from '../../src/training/batches.js';
import type { TrainingImage } from '../../src/training/training-images.js';

/** Images whose captions name them: the first token is the image's number, the second the caption's. */
function imagesWith(counts: readonly number[], lengths = new Random(1)): TrainingImage[] {
  return counts.map((count, image) => ({
    image: `${image}.jpg`,
    mirrorable: true,
    captions: Array.from({ length: count }, (_, caption) => [
      image,
      caption,
      ...Array.from({ length: lengths.integer(15) }, () => 9),
    ]),
  }));
}

const plans = fc.record({
  counts: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 120 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  most: fc.integer({ min: 1, max: 6 }),
  seed: fc.maxSafeNat(),
  epoch: fc.nat(50),
});

describe('planEpoch', () => {
  it('takes every image once, in as many batches as the progress counts', () => {
    fc.assert(
      fc.property(plans, ({ counts, batchSize, most, seed, epoch }) => {
        const batches = planEpoch(imagesWith(counts), batchSize, most, seed, epoch);
        const taken = batches.flatMap(({ images }) => images);
        expect([...taken].sort((a, b) => a - b)).toEqual(counts.map((_, image) => image));
        expect(batches).toHaveLength(Math.ceil(counts.length / batchSize));
        expect(Math.max(...batches.map(({ images }) => images.length))).toBeLessThanOrEqual(batchSize);
      }),
    );
  });

  it('gives each image captions of its own, none twice, and no more than asked for', () => {
    fc.assert(
      fc.property(plans, ({ counts, batchSize, most, seed, epoch }) => {
        for (const { images, captions } of planEpoch(imagesWith(counts), batchSize, most, seed, epoch)) {
          expect(captions).toHaveLength(images.length);
          captions.forEach((ofImage, index) => {
            const image = images[index] as number;
            expect(ofImage).toHaveLength(Math.min(most, counts[image] as number));
            expect(ofImage.every(([owner]) => owner === image)).toBe(true);
            expect(new Set(ofImage.map(([, caption]) => caption)).size).toBe(ofImage.length);
          });
        }
      }),
    );
  });

  it('is the same for the same seed and epoch, or a resumed run would take another way', () => {
    fc.assert(
      fc.property(plans, ({ counts, batchSize, most, seed, epoch }) => {
        const plan = () => planEpoch(imagesWith(counts), batchSize, most, seed, epoch);
        expect(plan()).toEqual(plan());
      }),
    );
  });

  it('is another for each epoch and seed, however large the seed', () => {
    const images = imagesWith(Array.from({ length: 60 }, () => 6));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(50), (seed, epoch) => {
        const plan = (s: number, e: number) => JSON.stringify(planEpoch(images, 4, 3, s, e));
        const different = new Set([plan(seed, epoch), plan(seed, epoch + 1), plan(seed + 1, epoch)]);
        expect(different.size).toBe(3);
      }),
      { numRuns: 30 },
    );
  });

  it('draws other captions over the epochs, so that none is lost', () => {
    const images = imagesWith([7, 7]);
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 20; epoch++) {
      for (const { captions } of planEpoch(images, 2, 2, 1, epoch)) {
        for (const [image, caption] of captions.flat()) seen.add(`${image}/${caption}`);
      }
    }
    expect(seen.size).toBe(14);
  });

  it('puts captions of like length together: a batch costs as much as its longest', () => {
    const images = imagesWith(Array.from({ length: 500 }, () => 3));
    const longest = (captions: readonly (readonly number[])[]) => Math.max(...captions.map((c) => c.length));
    const steps = (plan: readonly (readonly (readonly number[])[])[][]) =>
      plan.reduce((sum, batch) => sum + longest(batch.flat()), 0);
    const planned = planEpoch(images, 8, 3, 1, 0).map(({ captions }) => [...captions]);
    const unsorted = planned.map((_, batch) =>
      images.slice(batch * 8, (batch + 1) * 8).map(({ captions }) => captions),
    );
    expect(steps(planned)).toBeLessThan(0.85 * steps(unsorted));
  });

  it('does not go from short captions to long ones: the last steps of an epoch would forget the first', () => {
    const images = imagesWith(Array.from({ length: 128 }, () => 1));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const differences = Array.from({ length: 20 }, (_, epoch) => {
      const means = planEpoch(images, 8, 1, 1, epoch).map(({ captions }) =>
        mean(captions.flat().map(({ length }) => length)),
      );
      return mean(means.slice(8)) - mean(means.slice(0, 8));
    });
    // Unshuffled it would be half of the range of lengths, 7.
    expect(Math.abs(mean(differences))).toBeLessThan(2);
  });
});
