import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** Longer than any job waits for a worker that has to be told. */
const KEPT_SECONDS = 24 * 3600;
const CHANNEL = 'legenda:cancel';
const keyOf = (id: string) => `legenda:cancelled:${id}`;

/** Asks whichever worker has the jobs, or gets them, to give them up. */
export async function askToCancel({ redis }: RedisConnection, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => redis.set(keyOf(id), '1', { EX: KEPT_SECONDS })));
  await Promise.all(ids.map((id) => redis.publish(CHANNEL, id)));
}

/** Forgets that a job was to be cancelled: it is to run again. */
export async function forgetCancellation({ redis }: RedisConnection, id: string): Promise<void> {
  await redis.del(keyOf(id));
}

export async function wasCancelled({ redis }: RedisConnection, id: string): Promise<boolean> {
  return (await untilAnswered(() => redis.exists(keyOf(id)))) === 1;
}

/** Calls `cancel` for each job that is to be cancelled from now on. @returns ends it. */
export async function onCancel(
  { redis }: RedisConnection,
  cancel: (id: string) => void,
  onError: (error: Error) => void,
): Promise<() => void> {
  // A connection that listens can do nothing else.
  const listening = redis.duplicate();
  listening.on('error', onError);
  await listening.connect();
  await listening.subscribe(CHANNEL, cancel);
  return () => listening.destroy();
}
