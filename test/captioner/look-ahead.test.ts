import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LookAhead } from '../../src/captioner/look-ahead.js';

const OPTIONS = { limit: 4, concurrency: 2, patience: 1 };

/** Work that ends when the test says so. */
class Work {
  readonly begun: number[] = [];
  running = 0;
  mostRunning = 0;
  private readonly ends = new Map<number, () => void>();

  readonly on = (item: number): Promise<string> => {
    this.begun.push(item);
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    return new Promise((resolve) => {
      this.ends.set(item, () => {
        this.running--;
        resolve(`done ${item}`);
      });
    });
  };

  end(...items: number[]): void {
    for (const item of items) this.ends.get(item)?.();
  }
}

async function* count(to: number): AsyncGenerator<number> {
  for (let item = 0; item < to; item++) yield item;
}

/** Gives the items, then says nothing more. */
async function* silentAfter(items: readonly number[]): AsyncGenerator<number> {
  yield* items;
  await new Promise(() => {});
}

/** Lets everything that can happen by itself happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const atOnce = async (item: number) => `done ${item}`;

describe('LookAhead', () => {
  it('keeps the order, takes everything once and holds to its bounds, however long each item takes', async () => {
    const sizes = fc.record({
      items: fc.integer({ min: 0, max: 40 }),
      take: fc.integer({ min: 1, max: 5 }),
      limit: fc.integer({ min: 5, max: 10 }),
      concurrency: fc.integer({ min: 1, max: 6 }),
      turns: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 40, maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ items, take, limit, concurrency, turns }) => {
        let running = 0;
        let begun = 0;
        let taken = 0;
        const work = async (item: number) => {
          running++;
          begun++;
          expect(running).toBeLessThanOrEqual(concurrency);
          expect(begun - taken).toBeLessThanOrEqual(limit);
          for (let turn = 0; turn < (turns[item] ?? 0); turn++) await settle();
          running--;
          return item;
        };
        const ahead = new LookAhead(count(items), work, { limit, concurrency, patience: 1000 });
        const all: number[] = [];
        for (;;) {
          const results = await ahead.take(take);
          if (results.length === 0) break;
          taken += results.length;
          all.push(...results);
        }
        expect(all).toEqual(Array.from({ length: items }, (_, item) => item));
      }),
      { numRuns: 50 },
    );
  });

  it('begins the next items while nobody has taken the first', async () => {
    const work = new Work();
    const ahead = new LookAhead(count(100), work.on, OPTIONS);
    await settle();
    expect(work.begun).toEqual([0, 1]);
    work.end(0, 1);
    await settle();
    work.end(2, 3);
    await settle();
    expect(work.begun).toEqual([0, 1, 2, 3]);
    expect(await ahead.take(2)).toEqual(['done 0', 'done 1']);
    await settle();
    expect(work.begun).toEqual([0, 1, 2, 3, 4, 5]);
    ahead.close();
  });

  it('gives what it has when the source falls silent, but not before work under way is done', async () => {
    const work = new Work();
    const ahead = new LookAhead(silentAfter([0, 1]), work.on, OPTIONS);
    await settle();
    work.end(0);
    const taken = ahead.take(3);
    await settle();
    work.end(1);
    expect(await taken).toEqual(['done 0', 'done 1']);
    ahead.close();
  });

  it('passes on what the source throws, after the results before it', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 0;
      throw new Error('the list broke off');
    }
    const ahead = new LookAhead(failing(), atOnce, OPTIONS);
    expect(await ahead.take(4)).toEqual(['done 0']);
    await expect(ahead.take(4)).rejects.toThrow('the list broke off');
  });

  it('stops waiting at once when the signal says so, and asks for nothing more', async () => {
    const work = new Work();
    const abort = new AbortController();
    const ahead = new LookAhead(count(100), work.on, { ...OPTIONS, signal: abort.signal });
    const taken = ahead.take(2);
    await settle();
    abort.abort(new Error('enough'));
    await expect(taken).rejects.toThrow('enough');
    work.end(0, 1);
    await settle();
    expect(work.begun).toEqual([0, 1]);
    await expect(ahead.take(1)).rejects.toThrow('enough');
  });
});
