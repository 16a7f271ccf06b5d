import type { QueueEvents } from 'bullmq';
import type { AnyStatus, JobStatus } from './job-status.js';

export interface WaitOptions<Status extends AnyStatus = JobStatus> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((status: Status) => void) | undefined;
}

/** How soon to look where nothing is heard, then half as often each time, and how often at least; milliseconds. */
const FIRST_LOOK = 50;
/** What is told before the queue is listened to, or while the connection is lost, is not told again. */
const LAST_LOOK = 1000;

/** Waits until a job is over, looking whenever the queue tells of it. */
export async function watchJob<Status extends AnyStatus>(
  events: QueueEvents,
  id: string,
  look: () => Promise<Status>,
  { signal, onProgress }: WaitOptions<Status>,
): Promise<Status> {
  let wake: () => void = () => {};
  let news = false;
  const tell = () => {
    news = true;
    wake();
  };
  const hear = ({ jobId }: { jobId: string }) => {
    if (jobId === id) tell();
  };
  // Any number of clients may follow jobs.
  events.setMaxListeners(0);
  for (const event of ['completed', 'failed', 'progress', 'removed'] as const) events.on(event, hear);
  signal?.addEventListener('abort', tell);
  try {
    for (let pause = FIRST_LOOK; ; pause = Math.min(2 * pause, LAST_LOOK)) {
      signal?.throwIfAborted();
      news = false;
      const status = await look();
      onProgress?.(status);
      if (status.state === 'completed' || status.state === 'failed') return status;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (news) wake();
      });
    }
  } finally {
    for (const event of ['completed', 'failed', 'progress', 'removed'] as const) events.off(event, hear);
    signal?.removeEventListener('abort', tell);
  }
}
