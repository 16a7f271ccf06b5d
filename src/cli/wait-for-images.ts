import type { WaitOptions } from '../jobs/watch-job.js';
import { Interrupted } from './interruption.js';
import { startProgress } from './progress.js';
import { errorLine } from './report-error.js';

/** What is told of a job that goes from image to image. */
interface ImageStatus {
  readonly images: number;
  readonly done: number;
  readonly failure?: Parameters<typeof errorLine>[0] | undefined;
}

/** A queue of such jobs. */
interface ImageQueue<Status> {
  wait(
    id: string,
    options: Pick<WaitOptions<never>, 'signal'> & { onProgress(now: Status): void },
  ): Promise<Status>;
}

/**
 * Waits for a job, tells on standard error how far it is and why it failed.
 * @returns undefined if interrupted: the job then goes on.
 */
export async function waitForImages<Status extends ImageStatus>(
  queue: ImageQueue<Status>,
  id: string,
  signal: AbortSignal,
  showProgress: boolean,
): Promise<Status | undefined> {
  const progress = startProgress(showProgress);
  let done = 0;
  try {
    const status = await queue.wait(id, {
      signal,
      onProgress: (now) => {
        progress.setTotal(now.images);
        for (; done < now.done; done++) progress.advance();
      },
    });
    if (status.failure !== undefined) progress.say(errorLine(status.failure));
    return status;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.say(`legenda: no longer waiting; the job goes on: legenda jobs wait ${id}`);
    return undefined;
  } finally {
    progress.stop();
  }
}
