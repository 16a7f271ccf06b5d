import { expect, it } from 'vitest';
import { inFlight } from '../../src/captioner/in-flight.js';

/** A promise to be settled from outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

/** Lots of one number each: 0, 1, … */
function lots(count: number) {
  let next = 0;
  return async () => (next < count ? [next++] : []);
}

it('gives results in the order of their lots, whichever is done first', async () => {
  const works = [deferred<string>(), deferred<string>(), deferred<string>()];
  const results = inFlight({
    take: lots(3),
    work: ([lot = 0]) => works[lot]?.promise ?? Promise.reject(),
    capacity: 3,
    signal: undefined,
  });
  works[2]?.resolve('third');
  works[1]?.resolve('second');
  works[0]?.resolve('first');
  expect(await all(results)).toEqual(['first', 'second', 'third']);
});

it('works on as many lots as it may, and on no more', async () => {
  let working = 0;
  let most = 0;
  const results = inFlight({
    take: lots(9),
    work: async () => {
      most = Math.max(most, ++working);
      await new Promise(setImmediate);
      working--;
    },
    capacity: 3,
    signal: undefined,
  });
  expect(await all(results)).toHaveLength(9);
  expect(most).toBe(3);
});

it('gives a result while the next lot does not come', async () => {
  const silent = deferred<number[]>();
  const takes = [Promise.resolve([1]), silent.promise];
  const results = inFlight({
    take: () => takes.shift() ?? Promise.resolve([]),
    work: async () => 'done',
    capacity: 2,
    signal: undefined,
  });
  expect(await results.next()).toEqual({ done: false, value: 'done' });
  silent.resolve([]);
  expect(await results.next()).toMatchObject({ done: true });
});

it('fails only after all results before the failure', async () => {
  const takes = [Promise.resolve([1]), Promise.reject(new Error('no more'))];
  const work = deferred<string>();
  const results = inFlight({
    take: () => takes.shift() ?? Promise.resolve([]),
    work: () => work.promise,
    capacity: 2,
    signal: undefined,
  });
  const first = results.next();
  work.resolve('done');
  expect(await first).toEqual({ done: false, value: 'done' });
  await expect(results.next()).rejects.toThrow('no more');
});
