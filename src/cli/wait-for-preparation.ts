import type { PreprocessQueue } from '../jobs/preprocess-queue.js';
import { INTERRUPTED } from './interruption.js';
import { waitForImages } from './wait-for-images.js';

/**
 * Waits for a preprocess job and prints its folder.
 * @returns the exit code: 1 if it failed, 130 if interrupted: the job then goes on.
 */
export async function waitForPreparation(
  queue: PreprocessQueue,
  id: string,
  signal: AbortSignal,
): Promise<number> {
  const status = await waitForImages(queue, id, signal, process.stderr.isTTY === true);
  if (status === undefined) return INTERRUPTED;
  if (status.failure !== undefined) return 1;
  process.stdout.write(`${status.result?.folder}\n`);
  return 0;
}
