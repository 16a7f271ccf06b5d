/**
 * A seeded generator of uniform numbers (mulberry32): small, fast, and its whole state is one integer, so that a
 * checkpoint can keep it. Not for cryptography.
 */
export class Random {
  constructor(public state: number) {
    this.state = state >>> 0;
  }

  /** A generator for one purpose of many: it depends on every number, and neighbours give unlike ones. */
  static of(...numbers: readonly number[]): Random {
    let state = 0;
    for (const number of numbers) {
      // Beyond 32 bits too: a seed may be a time in milliseconds.
      for (const part of [number, number / 2 ** 32]) {
        state = new Random(state ^ Math.floor(part)).integer(2 ** 32);
      }
    }
    return new Random(state);
  }

  /** A number in [0, 1). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** A number from the standard normal distribution (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles the array in place (Fisher and Yates) and returns it. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i] as T;
      items[i] = items[j] as T;
      items[j] = kept;
    }
    return items;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }
}
