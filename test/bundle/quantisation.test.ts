import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActivationStatistics } from '../../src/bundle/activation-statistics.js';
import { byteScale, dequantiseWeight, pairScales, quantiseWeight } from '../../src/bundle/quantisation.js';
import { Random } from '../../src/random.js';

const float = (minimum: number, maximum: number) =>
  fc.float({ min: Math.fround(minimum), max: Math.fround(maximum), noNaN: true });

describe('activations in a byte', () => {
  it('come back within half a step where they are in range, and 0 as 0, which padding is', () => {
    fc.assert(
      fc.property(
        float(-100, 100),
        float(-100, 100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, at) => {
          const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)];
          const { scale, zeroPoint } = byteScale({ minimum, maximum });
          expect(zeroPoint).toSatisfy((zero: number) => Number.isInteger(zero) && zero >= 0 && zero <= 255);
          const value = minimum + at * (maximum - minimum);
          const byte = Math.min(Math.max(Math.round(value / scale) + zeroPoint, 0), 255);
          // The zero point is rounded too: at the ends of the range that is another half step.
          expect(Math.abs(scale * (byte - zeroPoint) - value)).toBeLessThanOrEqual(scale * 1.001);
        },
      ),
    );
  });
});

describe('weights in a byte', () => {
  it('come back within half a step of their own channel, however large the others', () => {
    const channel = fc.tuple(
      fc.array(float(-1, 1), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: -20, max: 20 }),
    );
    fc.assert(
      fc.property(fc.array(channel, { minLength: 1, maxLength: 5 }), fc.boolean(), (channels, columns) => {
        const rows = channels.map(([values, exponent]) => values.map((value) => value * 2 ** exponent));
        const values = columns ? [0, 1, 2, 3].flatMap((i) => rows.map((row) => row[i]!)) : rows.flat();
        const shape = columns ? [4, rows.length] : [rows.length, 4];
        const weight = { shape, values: Float32Array.from(values) };
        const back = dequantiseWeight(quantiseWeight(weight, columns ? 1 : 0));
        weight.values.forEach((value, place) => {
          const row = rows[columns ? place % rows.length : Math.floor(place / 4)]!;
          const step = Math.max(...row.map(Math.abs)) / 127;
          // And what the smallest numbers that there are lose by being rounded.
          expect(Math.abs(back.values[place]! - value)).toBeLessThanOrEqual(step * 0.501 + 2 ** -140);
        });
      }),
    );
  });
});

describe('pairScales', () => {
  it('keeps neighbours times bytes within 16 bits, which processors without VNNI add them in', () => {
    fc.assert(
      fc.property(fc.array(float(-1, 1), { minLength: 6, maxLength: 6 }), (values) => {
        const weight = { shape: [1, 6], values: Float32Array.from(values) };
        const { numbers } = quantiseWeight(weight, 0, pairScales(weight, 0));
        for (const i of [0, 2, 4]) {
          const sum = Math.max(numbers[i]!, 0) + Math.max(numbers[i + 1]!, 0);
          const below = Math.min(numbers[i]!, 0) + Math.min(numbers[i + 1]!, 0);
          expect(255 * sum).toBeLessThan(2 ** 15);
          expect(255 * below).toBeGreaterThanOrEqual(-(2 ** 15));
        }
      }),
    );
  });
});

describe('ActivationStatistics', () => {
  const random = new Random(3);
  const normal = Float32Array.from({ length: 20_000 }, () => random.normal());

  it('clips the few values that would make the steps of all others coarse', () => {
    const statistics = new ActivationStatistics();
    for (let batch = 0; batch < 100; batch++) statistics.add(normal, [1, 1, normal.length]);
    statistics.add(Float32Array.of(40, -2), [1, 1, 2]);
    const { minimum, maximum } = statistics.summary().range;
    expect(maximum).toBeGreaterThan(2.5);
    expect(maximum).toBeLessThan(30);
    expect(minimum).toBeLessThan(-2.5);
  });

  it('keeps the whole range of values that fill it', () => {
    const statistics = new ActivationStatistics();
    statistics.add(
      normal.map((value) => Math.min(Math.max(3 + 2 * value, 0), 6)),
      [1, 1, normal.length],
    );
    const { minimum, maximum } = statistics.summary().range;
    expect(minimum).toBe(0);
    expect(maximum).toBeGreaterThan(5.7);
  });

  it('gives the mean of each channel over all batches', () => {
    const statistics = new ActivationStatistics();
    statistics.add(Float32Array.of(1, 3, 10, 20, 5, 7, 30, 40), [2, 2, 2]);
    statistics.add(Float32Array.of(9, 11, 50, 60), [1, 2, 2]);
    expect([...statistics.summary().means]).toEqual([6, 35]);
  });
});
