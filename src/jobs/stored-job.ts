import { readFailure } from './job-failure.js';
import type { AnyStatus } from './job-status.js';
import type { RedisConnection } from './redis-connection.js';

/** A job as it stands in Redis. */
export interface StoredJob<Field extends string> {
  readonly status: Omit<AnyStatus, 'queue'>;
  /** Those that were asked for, as text. */
  readonly fields: Readonly<Record<Field, unknown>>;
}

const FIELDS = ['timestamp', 'finishedOn', 'failedReason'] as const;

/**
 * What is known of a job of any kind, without its data and result, which may be many megabytes.
 * @param key the job's in Redis.
 * @param state asked for before the job is read, so that a job that is over is read as it ended.
 * @param more fields of the job that are wanted besides.
 * @returns undefined where it is gone.
 */
export async function readStored<Field extends string>(
  redis: RedisConnection['redis'],
  key: string,
  { id, state }: Pick<AnyStatus, 'id' | 'state'>,
  more: readonly Field[],
): Promise<StoredJob<Field> | undefined> {
  const [timestamp, finishedOn, failedReason, ...found] = await redis.hmGet(key, [...FIELDS, ...more]);
  if (typeof timestamp !== 'string') return undefined;
  return {
    status: {
      id,
      state,
      added: timeOf(timestamp),
      ...(typeof finishedOn === 'string' ? { finished: timeOf(finishedOn) } : {}),
      ...(state === 'failed' ? { failure: readFailure(failedReason ?? '') } : {}),
    },
    fields: Object.fromEntries(more.map((field, index) => [field, found[index]])) as Record<Field, unknown>,
  };
}

/** A field that is JSON; undefined where the job has none. */
export function parseField(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}

/** ISO 8601. @param milliseconds since 1970, as text. */
function timeOf(milliseconds: string): string {
  return new Date(Number(milliseconds)).toISOString();
}
