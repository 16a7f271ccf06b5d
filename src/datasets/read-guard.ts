import { AsyncLocalStorage } from 'node:async_hooks';

/** Asked before a file of a data set is opened. @throws where it may not be. */
export type ReadGuard = (file: string) => Promise<void>;

const guards = new AsyncLocalStorage<ReadGuard | undefined>();

/** Reads with a guard. Not by an argument of each reader: one that did not pass it on would read anything. */
export function withGuard<T>(guard: ReadGuard | undefined, read: () => Promise<T>): Promise<T> {
  return guards.run(guard, read);
}

/** Asks the guard, if any, about a file that is opened next. @throws what it throws. */
export async function askGuard(file: string): Promise<void> {
  await guards.getStore()?.(file);
}
