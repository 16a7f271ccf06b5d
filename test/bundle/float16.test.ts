import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/bundle/float16.js';

const half = (value: number) => toFloat16(Float32Array.of(value))[0] as number;

/** All finite halves from 0 up, with infinity's place taken by the 65536 that would follow. */
const ladder = [...fromFloat16(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits)), 65536];

describe('weights in half precision', () => {
  it.each([
    ['one', 1, 0x3c00],
    ['minus two', -2, 0xc000],
    ['the largest', 65504, 0x7bff],
    ['zero', 0, 0x0000],
    ['minus zero', -0, 0x8000],
    ['the smallest normal value', 2 ** -14, 0x0400],
    ['the largest subnormal', 2 ** -14 - 2 ** -24, 0x03ff],
    ['the smallest subnormal', 2 ** -24, 0x0001],
    ['infinity', Number.POSITIVE_INFINITY, 0x7c00],
    ['minus infinity', Number.NEGATIVE_INFINITY, 0xfc00],
    // Ties go to the even neighbour.
    ['a tie downwards', 1 + 2 ** -11, 0x3c00],
    ['a tie upwards', 1 + 3 * 2 ** -11, 0x3c02],
    ['a tie that raises the exponent', 2 - 2 ** -11, 0x4000],
    ['half of the smallest subnormal', 2 ** -25, 0x0000],
    ['a tie between subnormals', 3 * 2 ** -25, 0x0002],
    ['a subnormal that rounds to the smallest normal', 2 ** -14 - 2 ** -25, 0x0400],
    ['the largest that does not overflow', 65519.996, 0x7bff],
    ['the smallest that overflows', 65520, 0x7c00],
    ['what is far beyond', -1e30, 0xfc00],
    ['what is far below', 1e-30, 0x0000],
  ])('stores %s', (_, value, bits) => expect(half(value)).toBe(bits));

  it('keeps what is not a number', () => {
    expect(half(Number.NaN) & 0x7fff).toBeGreaterThan(0x7c00);
    expect(fromFloat16(Uint16Array.of(0x7c01, 0xfe00))).toEqual(Float32Array.of(Number.NaN, Number.NaN));
  });

  it('gives back each of the 65,536 halves unchanged', () => {
    const halves = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7fff) <= 0x7c00,
    );
    expect(toFloat16(fromFloat16(halves))).toEqual(halves);
  });

  it('rounds to the nearest half', () => {
    const nearest = (value: number) => {
      const above = ladder.findIndex((candidate) => candidate >= value);
      const below = Math.max(above - 1, 0);
      return ladder[above]! - value < value - ladder[below]! ? above : below;
    };
    const exponent = fc.double({ min: -26, max: 15.99, noNaN: true });
    fc.assert(
      fc.property(exponent, (power) => {
        const value = Math.fround(2 ** power);
        expect(half(value)).toBe(nearest(value));
        expect(half(-value)).toBe(nearest(value) | 0x8000);
      }),
      { numRuns: 300 },
    );
  });
});
