import { z } from 'zod';
import type { Operation, Operations } from './operation.js';

const liveSchema = z.strictObject({ status: z.literal('live') });
const readySchema = z.strictObject({
  status: z.literal('ready'),
  jobs: z.boolean().describe('Whether there is a queue for jobs'),
});

const live: Operation = {
  method: 'GET',
  path: '/health/live',
  id: 'isLive',
  summary: 'Whether the process answers at all: restart it where it does not',
  open: true,
  answers: { 200: { description: 'It does', content: { 'application/json': liveSchema } } },
};

const ready: Operation = {
  method: 'GET',
  path: '/health/ready',
  id: 'isReady',
  summary: 'Whether requests are welcome: send them elsewhere while they are not',
  open: true,
  answers: { 200: { description: 'They are', content: { 'application/json': readySchema } } },
  failures: ['REDIS_UNAVAILABLE'],
};

/** What the server needs to do its work. */
export interface Readiness {
  /** Whether there is a queue for jobs. */
  readonly jobs: boolean;
  /** @throws what is not ready. */
  check(): Promise<void>;
}

export function addHealthRoutes(operations: Operations, readiness: Readiness): void {
  operations.add(live, () => ({ status: 'live' }));
  operations.add(ready, async () => {
    await readiness.check();
    return { status: 'ready', jobs: readiness.jobs };
  });
}
