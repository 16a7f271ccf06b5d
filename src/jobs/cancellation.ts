import { type RedisConnection, untilAnswered } from './redis-connection.js';

/** Longer than any job waits for a worker that has to be told. */
const KEPT_SECONDS = 24 * 3600;
const channelOf = (queue: string) => `legenda:cancel:${queue}`;
const keyOf = (queue: string, id: string) => `legenda:cancelled:${queue}:${id}`;

/** Asks whichever worker has the jobs, or gets them, to give them up. */
export async function askToCancel(
  { redis }: RedisConnection,
  queue: string,
  ids: readonly string[],
): Promise<void> {
  await Promise.all(ids.map((id) => redis.set(keyOf(queue, id), '1', { EX: KEPT_SECONDS })));
  await Promise.all(ids.map((id) => redis.publish(channelOf(queue), id)));
}

/** Forgets that a job was to be cancelled: it is to run again. */
export async function forgetCancellation(
  { redis }: RedisConnection,
  queue: string,
  id: string,
): Promise<void> {
  await redis.del(keyOf(queue, id));
}

export async function wasCancelled({ redis }: RedisConnection, queue: string, id: string): Promise<boolean> {
  return (await untilAnswered(() => redis.exists(keyOf(queue, id)))) === 1;
}

/** Calls `cancel` for each job that is to be cancelled from now on. @returns ends it. */
export async function onCancel(
  { redis }: RedisConnection,
  queue: string,
  cancel: (id: string) => void,
  onError: (error: Error) => void,
): Promise<() => void> {
  // A connection that listens can do nothing else.
  const listening = redis.duplicate();
  listening.on('error', onError);
  await listening.connect();
  await listening.subscribe(channelOf(queue), cancel);
  return () => listening.destroy();
}
