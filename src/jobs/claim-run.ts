import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LegendaError } from '../errors.js';

/** Says whose run a folder is. */
const OWNER_FILE = 'job.json';

/** Tells a job from all others: ids begin anew with a new Redis. */
export interface RunOwner {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly added: number;
}

/**
 * Takes a folder for a job's run.
 * @returns whether the job had it before: then it may hold a checkpoint to go on from.
 * @throws `JOB_INVALID` where it holds something of another; `OUTPUT_UNWRITABLE`.
 */
export async function claimRun(folder: string, owner: RunOwner): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) {
      await writeFile(join(folder, OWNER_FILE), `${JSON.stringify(owner)}\n`, { flag: 'wx' });
      return false;
    }
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new LegendaError('OUTPUT_UNWRITABLE', { expected: 'a folder for the run', received, cause });
  }
  const before = await readFile(join(folder, OWNER_FILE), 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch(() => undefined);
  if (isDeepStrictEqual(before, owner)) return true;
  throw new LegendaError('JOB_INVALID', {
    expected: 'a name that no run has yet',
    received: folder,
    advice: 'name another; jobs retry goes on with a job that failed',
  });
}
