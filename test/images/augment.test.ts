import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augment, type DecodedImage, mirror } from '../../src/images/index.js';
import { Random } from '../../src/random.js';

/** Brightness rises from left to right: 40 to 200. */
function ramp(width: number, height: number): DecodedImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const column = Math.floor(i / 3) % width;
    pixels[i] = 40 + Math.round((160 * column) / Math.max(1, width - 1));
  }
  return { pixels, width, height };
}

/** The red values of one row. */
function rowOf(pixels: Uint8Array, width: number, y: number): number[] {
  return Array.from({ length: width }, (_, x) => pixels[(y * width + x) * 3] ?? Number.NaN);
}

describe('augment', () => {
  it('repeats with the seed, and differs without', () => {
    const image = ramp(64, 64);
    const options = { width: 48, height: 40, flip: true };
    const first = augment(image, options, new Random(7));
    expect(first).toHaveLength(48 * 40 * 3);
    expect(augment(image, options, new Random(7))).toEqual(first);
    expect(augment(image, options, new Random(8))).not.toEqual(first);
  });

  it('draws as many numbers whatever the picture and the flags, so that runs stay comparable', () => {
    const states = [
      [ramp(64, 64), true],
      [ramp(9, 3), false],
    ].map(([image, flip]) => {
      const random = new Random(3);
      augment(image as DecodedImage, { width: 8, height: 8, flip: flip as boolean }, random);
      return random.state;
    });
    expect(states[0]).toBe(states[1]);
  });

  it('never mirrors where it may not, and mirrors half of the time where it may', () => {
    const image = ramp(64, 64);
    let mirrored = 0;
    for (let seed = 0; seed < 200; seed++) {
      const row = rowOf(
        augment(image, { width: 32, height: 32, flip: true }, new Random(seed * 7919)),
        32,
        16,
      );
      if ((row[0] ?? 0) > (row[31] ?? 0)) mirrored++;
      const upright = rowOf(
        augment(image, { width: 32, height: 32, flip: false }, new Random(seed * 7919)),
        32,
        16,
      );
      expect(upright[31]).toBeGreaterThan(upright[0] ?? 255);
    }
    expect(mirrored).toBeGreaterThan(70);
    expect(mirrored).toBeLessThan(130);
  });

  it('keeps the order of things and most of the picture', () => {
    const image = ramp(100, 100);
    for (let seed = 0; seed < 300; seed++) {
      const row = rowOf(
        augment(image, { width: 50, height: 50, flip: false }, new Random(seed * 104729)),
        50,
        25,
      );
      for (let x = 1; x < 50; x++) expect(row[x]).toBeGreaterThanOrEqual(row[x - 1] ?? 255);
      // 70 % of the area at an aspect of 3 : 4 is 72 % of the width; contrast and brightness take up to 36 % off.
      expect((row[49] ?? 0) - (row[0] ?? 0)).toBeGreaterThan(160 * 0.72 * 0.64 - 8);
    }
  });

  it('moves things neither way on average: pixels have their places at their centres', () => {
    const image = ramp(4, 4);
    let sum = 0;
    for (let seed = 0; seed < 500; seed++) {
      const row = rowOf(
        augment(image, { width: 8, height: 8, flip: false }, new Random(seed * 104729)),
        8,
        4,
      );
      sum += ((row[3] ?? 0) + (row[4] ?? 0)) / 2;
    }
    expect(Math.abs(sum / 500 - 120)).toBeLessThan(5);
  });

  it('changes contrast about the mean, so that brightness changes by a fifth at most', () => {
    const image = { pixels: new Uint8Array(8 * 8 * 3).fill(120), width: 8, height: 8 };
    for (let seed = 0; seed < 500; seed++) {
      const [value = 0] = augment(image, { width: 4, height: 4, flip: true }, new Random(seed * 31337));
      expect(Math.abs(value - 120)).toBeLessThanOrEqual(24);
    }
  });

  it('leaves a flat colour flat, near its brightness and of the same hue', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, w, h) => {
          const pixels = new Uint8Array(w * h * 3);
          for (let i = 0; i < pixels.length; i += 3) pixels.set([180, 60, 100], i);
          const result = augment(
            { pixels, width: w, height: h },
            { width: 6, height: 5, flip: true },
            new Random(seed),
          );
          const [red = 0, green = 0, blue = 0] = result;
          for (let i = 0; i < result.length; i += 3)
            expect([...result.subarray(i, i + 3)]).toEqual([red, green, blue]);
          expect(red).toBeGreaterThan(blue);
          expect(blue).toBeGreaterThan(green);
          expect(Math.abs((red + green + blue) / 3 - 340 / 3)).toBeLessThan(340 / 3 / 2);
        },
      ),
    );
  });

  it('leaves the picture it was given as it was', () => {
    const image = ramp(16, 16);
    augment(image, { width: 8, height: 8, flip: true }, new Random(1));
    expect(image).toEqual(ramp(16, 16));
  });
});

describe('mirror', () => {
  it('turns each row round, pixel by pixel', () => {
    const pixels = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i);
    expect([...mirror(pixels, 3, 2)]).toEqual([6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11]);
    expect(mirror(mirror(pixels, 3, 2), 3, 2)).toEqual(pixels);
  });
});
