import { access } from 'node:fs/promises';
import type { CaptionRow } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import type { CaptionQueue } from '../jobs/caption-queue.js';
import { AtomicFile } from '../write-atomically.js';
import { rowFormat } from './caption-formats.js';
import { INTERRUPTED } from './interruption.js';
import { waitForImages } from './wait-for-images.js';

export interface JobRowsOptions {
  /** Standard output if not given. */
  readonly output?: string | undefined;
  readonly signal: AbortSignal;
}

/** @throws `OUTPUT_UNWRITABLE` for a file that exists and may not be replaced. */
export async function requireNew(output: string, overwrite: boolean): Promise<void> {
  if (
    overwrite ||
    (await access(output).then(
      () => false,
      () => true,
    ))
  )
    return;
  throw new LegendaError('OUTPUT_UNWRITABLE', {
    expected: 'a file that does not exist yet',
    received: output,
    advice: 'add --overwrite to replace it',
  });
}

/**
 * Waits for a job and writes its rows as JSON lines, to a file all at once.
 * @returns the exit code: 1 if the job or an image failed, 130 if interrupted: the job then goes on.
 */
export async function writeJobRows(
  queue: CaptionQueue,
  id: string,
  { output, signal }: JobRowsOptions,
): Promise<number> {
  const showProgress = process.stderr.isTTY && (output !== undefined || !process.stdout.isTTY);
  if ((await waitForImages(queue, id, signal, showProgress)) === undefined) return INTERRUPTED;
  const failed = await write(queue.rows(id), output);
  return failed > 0 ? 1 : 0;
}

/** @returns how many images failed. */
async function write(rows: AsyncIterable<CaptionRow>, output: string | undefined): Promise<number> {
  const { write: line } = rowFormat('jsonl', 1);
  const file = output === undefined ? undefined : await AtomicFile.open(output);
  let failed = 0;
  try {
    for await (const row of rows) {
      if ('error' in row) failed++;
      const text = line(row) ?? '';
      if (file === undefined) process.stdout.write(text);
      else await file.write(text);
    }
    await file?.commit();
  } catch (error) {
    await file?.discard();
    throw error;
  }
  return failed;
}
