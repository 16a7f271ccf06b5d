import type { PreprocessQueue } from '../jobs/preprocess-queue.js';
import { INTERRUPTED, Interrupted } from './interruption.js';
import { startProgress } from './progress.js';
import { errorLine } from './report-error.js';

/**
 * Waits for a preprocess job, tells on standard error how far it is, and prints its folder.
 * @returns the exit code: 1 if it failed, 130 if interrupted: the job then goes on.
 */
export async function waitForPreparation(
  queue: PreprocessQueue,
  id: string,
  signal: AbortSignal,
): Promise<number> {
  const progress = startProgress(process.stderr.isTTY === true);
  let done = 0;
  try {
    const { failure, result } = await queue.wait(id, {
      signal,
      onProgress: (now) => {
        progress.setTotal(now.images);
        for (; done < now.done; done++) progress.advance();
      },
    });
    if (failure !== undefined) progress.say(errorLine(failure));
    else process.stdout.write(`${result?.folder}\n`);
    return failure === undefined ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.say(`legenda: no longer waiting; the job goes on: legenda jobs wait ${id}`);
    return INTERRUPTED;
  } finally {
    progress.stop();
  }
}
