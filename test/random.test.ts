import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../src/random.js';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform());
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random, by whose seed a run can be repeated', () => {
  it('draws the same numbers from the same seed, others from another', () => {
    fc.assert(
      fc.property(seed, (state) => {
        expect(draw(new Random(state), 5)).toEqual(draw(new Random(state), 5));
        expect(draw(new Random(state), 5)).not.toEqual(draw(new Random(state + 1), 5));
      }),
    );
  });

  it('draws mulberry32, as other programs with it do', () => {
    // Tommy Ettinger's mulberry32 in C (2017), seed 1, as unsigned 32-bit integers.
    const integers = draw(new Random(1), 3).map((value) => value * 2 ** 32);
    expect(integers).toEqual([2693262067, 11749833, 2265367787]);
  });

  it('goes on from a kept state as if it had never stopped', () => {
    fc.assert(
      fc.property(seed, fc.nat(50), (state, steps) => {
        const random = new Random(state);
        draw(random, steps);
        expect(draw(new Random(random.state), 5)).toEqual(draw(random, 5));
      }),
    );
  });

  it('fills [0, 1) evenly', () => {
    const values = draw(new Random(3), 50_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const bins = new Array<number>(20).fill(0);
    for (const value of values) bins[Math.floor(value * 20)]! += 1;
    // χ² with 19 degrees of freedom lies above 43.8 once in a thousand times.
    const chiSquare = bins.reduce((sum, count) => sum + (count - 2500) ** 2 / 2500, 0);
    expect(chiSquare).toBeLessThan(43.8);
  });

  it('does not follow its last number', () => {
    const values = draw(new Random(5), 20_000);
    const centred = values.map((value) => value - 0.5);
    const correlation = mean(centred.slice(1).map((value, i) => value * centred[i]!)) * 12;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(values.length));
  });

  it('draws integers below the limit, every one of them', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 12 }), (state, below) => {
        const random = new Random(state);
        const seen = new Set(Array.from({ length: below * 40 }, () => random.integer(below)));
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: below }, (_, i) => i));
      }),
    );
  });

  it('draws normal numbers of mean 0 and deviation 1', () => {
    const random = new Random(8);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1);
    // A normal distribution has 4.55 % beyond two deviations.
    expect(mean(values.map((value) => (Math.abs(value) > 2 ? 1 : 0)))).toBeCloseTo(0.0455, 2);
  });

  it('shuffles: the same items, every order as often as another', () => {
    fc.assert(
      fc.property(seed, fc.array(fc.nat(9)), (state, items) => {
        const shuffled = new Random(state).shuffle([...items]);
        expect([...shuffled].sort()).toEqual([...items].sort());
      }),
    );
    const random = new Random(13);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('picks one of the items', () => {
    const random = new Random(21);
    expect(new Set(Array.from({ length: 60 }, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']));
  });
});

describe('Random.of', () => {
  const first = (...numbers: number[]) => Random.of(...numbers).state;

  it('depends on every number, also where the seed is a time in milliseconds or larger', () => {
    const number = fc.maxSafeNat();
    fc.assert(
      fc.property(number, number, (a, b) => {
        const states = [first(a, b), first(a, b + 1), first(a + 1, b), first(a, b, 0), first(a)];
        expect(new Set(states).size).toBe(states.length);
        expect(first(a, b)).toBe(states[0]);
      }),
    );
  });

  it('reads a number beyond 32 bits to its end', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 2 ** 20 }), (low, high) => {
        expect(first(low + high * 2 ** 32)).not.toBe(first(low));
      }),
    );
  });

  it('gives neighbours unlike numbers', () => {
    const values = Array.from({ length: 20_000 }, (_, step) => Random.of(1, step).uniform() - 0.5);
    const correlation = mean(values.slice(1).map((value, i) => value * values[i]!)) * 12;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(values.length));
  });
});
