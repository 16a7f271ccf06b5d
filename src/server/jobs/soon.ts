import { setTimeout as wait } from 'node:timers/promises';
import { LegendaError } from '../../errors.js';

/** Redis answers in milliseconds; while it is away, commands wait for it to come back. */
const PATIENCE_MS = 5000;

/**
 * What the queue says, if it does soon.
 * @param undo takes back what was done when the answer came too late.
 * @throws `REDIS_UNAVAILABLE` if not.
 */
export async function soon<T>(
  answer: Promise<T>,
  undo: (answer: T) => Promise<unknown> = async () => {},
): Promise<T> {
  const given = new AbortController();
  const late = wait(PATIENCE_MS, undefined, { signal: given.signal }).then(() => {
    answer.then(undo).catch(() => {});
    throw new LegendaError('REDIS_UNAVAILABLE', {
      expected: `an answer in ${PATIENCE_MS / 1000} s`,
      advice: 'come again in a while',
    });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => {});
    given.abort();
  }
}
