import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { END, PADDING, START } from '../../src/text/index.js';

/** Each token of a batch is another one, so that it says where it came from. */
const batches = fc
  .array(fc.array(fc.tuple(fc.nat(9), fc.boolean()), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((images) => {
    let word = 10;
    return images.map((captions) =>
      captions.map(([words, cut]) => {
        const tokens = [START, ...Array.from({ length: words }, () => word++)];
        return cut ? tokens : [...tokens, END];
      }),
    );
  });

/** The image, the place among its captions and the step of each packed row. */
function placesOf(images: number, captionsAtStep: readonly number[]) {
  return captionsAtStep.flatMap((count, step) =>
    Array.from({ length: images * count }, (_, row) => ({
      image: Math.floor(row / count),
      caption: row % count,
      step,
    })),
  );
}

describe('layOutCaptions', () => {
  it('lays out an example as its documentation says', () => {
    const batch = layOutCaptions([
      [
        [START, 7, END],
        [START, 4, 5, 6, END],
      ],
      [[START, 8, 9]],
    ]);
    expect(batch.images).toBe(2);
    expect(batch.captionsAtStep).toEqual([2, 2, 1, 1]);
    expect([...batch.inputs]).toEqual([
      ...[START, START, START, PADDING],
      ...[4, 7, 8, PADDING],
      ...[5, PADDING],
      ...[6, PADDING],
    ]);
    expect([...batch.rows]).toEqual([0, 1, 2, 4, 5, 6, 8, 10]);
    expect([...batch.targets]).toEqual([4, 7, 8, 5, END, 9, 6, END]);
    expect([...batch.captions]).toEqual([1, 0, 2, 1, 0, 2, 1, 1]);
  });

  it('teaches every token of every caption exactly once, after the token before it', () => {
    fc.assert(
      fc.property(batches, (captions) => {
        const { rows, targets, inputs } = layOutCaptions(captions);
        const taught = [...rows].map((row, index) => `${inputs[row]} -> ${targets[index]}`);
        const pairs = captions
          .flat()
          .flatMap((tokens) => tokens.slice(1).map((token, index) => `${tokens[index]} -> ${token}`));
        expect(taught.sort()).toEqual(pairs.sort());
      }),
    );
  });

  it('keeps a caption in the rows of its image and in one place, step after step', () => {
    fc.assert(
      fc.property(batches, (captions) => {
        const { images, captionsAtStep, rows, targets } = layOutCaptions(captions);
        const places = placesOf(images, captionsAtStep);
        const read = new Map<string, number[]>();
        rows.forEach((row, index) => {
          const { image, caption, step } = places[row] as (typeof places)[number];
          const key = `${image} ${caption}`;
          const tokens = read.get(key) ?? [START];
          expect(tokens).toHaveLength(step + 1);
          read.set(key, [...tokens, targets[index] as number]);
        });
        captions.forEach((ofImage, image) => {
          const found = [...read].filter(([key]) => key.startsWith(`${image} `)).map(([, tokens]) => tokens);
          const taught = ofImage.filter((tokens) => tokens.length > 1);
          expect(found.map(String).sort()).toEqual(taught.map(String).sort());
        });
      }),
    );
  });

  it('says of each token which caption it belongs to, so that a caption can be weighed', () => {
    fc.assert(
      fc.property(batches, (captions) => {
        const { targets, captions: numbers } = layOutCaptions(captions);
        captions.flat().forEach((tokens, number) => {
          expect([...targets].filter((_, index) => numbers[index] === number)).toEqual(tokens.slice(1));
        });
      }),
    );
  });

  it('needs fewer rows from step to step, none more than its longest captions', () => {
    fc.assert(
      fc.property(batches, (captions) => {
        const { captionsAtStep, images } = layOutCaptions(captions);
        captionsAtStep.slice(1).forEach((count, index) => {
          expect(count).toBeLessThanOrEqual(captionsAtStep[index] as number);
        });
        expect(images).toBe(captions.length);
        captionsAtStep.forEach((count, step) => {
          const needs = captions.map((ofImage) => ofImage.filter(({ length }) => length - 1 > step).length);
          expect(count).toBe(Math.max(...needs));
          expect(count).toBeGreaterThan(0);
        });
      }),
    );
  });

  it('asks nothing of a row whose caption is over: it reads padding', () => {
    fc.assert(
      fc.property(batches, (captions) => {
        const { images, captionsAtStep, inputs, rows, targets } = layOutCaptions(captions);
        expect(inputs).toHaveLength(placesOf(images, captionsAtStep).length);
        expect(targets).not.toContain(PADDING);
        const asked = new Set(rows);
        expect(asked.size).toBe(rows.length);
        inputs.forEach((token, row) => {
          expect(token === PADDING).toBe(!asked.has(row));
        });
      }),
    );
  });
});
