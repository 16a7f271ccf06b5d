import { stat } from 'node:fs/promises';
import { LegendaError } from '../errors.js';
import { unwritable } from '../write-atomically.js';
import type { RowFormat } from './caption-formats.js';
import { type FileRecord, fileRecords } from './file-records.js';

/** What an output file already holds. */
export interface Written {
  /** The images of its records, as the format names them, but for those that failed. */
  readonly done: ReadonlySet<string>;
  /** The images whose record says an error. */
  readonly failed: ReadonlySet<string>;
  /** The length of its whole records, bytes. */
  readonly length: number;
  /** Whether the last of them has a line end. */
  readonly ended: boolean;
  /** What follows: a record cut short. */
  readonly rest: string;
}

export const NOTHING_WRITTEN: Written = {
  done: new Set(),
  failed: new Set(),
  length: 0,
  ended: true,
  rest: '',
};

/**
 * Looks at what the output file holds before anything is changed.
 * @throws `USAGE` if it holds something and neither `resume` nor `overwrite` is asked for, or if it is to be resumed and
 *   is not of this format. `OUTPUT_UNWRITABLE` if it cannot be looked at.
 */
export async function inspectOutput(
  path: string,
  format: RowFormat,
  { resume, overwrite }: { readonly resume: boolean; readonly overwrite: boolean },
): Promise<Written> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unwritable(path, error);
  });
  if (status?.isDirectory()) throw unwritable(path, new Error('it is a folder'));
  // A pipe or a device (/dev/stdout) holds nothing that could be lost.
  if (status === undefined || !status.isFile() || status.size === 0 || overwrite) return NOTHING_WRITTEN;
  if (!resume) {
    throw new LegendaError('USAGE', {
      expected: 'an output file that does not exist yet',
      received: path,
      advice: 'add --resume to go on with it or --overwrite to replace it',
    });
  }
  return readWritten(path, format);
}

async function readWritten(path: string, format: RowFormat): Promise<Written> {
  const done = new Set<string>();
  const failed = new Set<string>();
  let written = { ...NOTHING_WRITTEN, done, failed };
  let header = format.header;
  for await (const record of fileRecords(path, format.quoted)) {
    const { text, end, ended } = record;
    const entry = header === '' ? format.read(text) : undefined;
    if (!ended && (entry === undefined || !entry.whole)) {
      // An interrupted run leaves this; so does whoever names a file of their own by mistake.
      if (!format.cutShort(text, written.length === 0)) throw otherFormat(path, record);
      return { ...written, rest: text };
    }
    if (header === '' ? entry === undefined : `${text}\n` !== header) throw otherFormat(path, record);
    header = '';
    if (entry !== undefined) (entry.failed ? failed : done).add(entry.image);
    written = { ...written, length: end, ended };
  }
  // Failed once and done another time, as an image that is given twice may be, is done.
  for (const image of done) failed.delete(image);
  return written;
}

function otherFormat(path: string, { text }: FileRecord): LegendaError {
  return new LegendaError('USAGE', {
    expected: `${path} to be of the format and the columns that --format and --top give`,
    received: JSON.stringify(text.slice(0, 80)),
    advice: 'resume with the options it was begun with, or choose another --output',
  });
}
