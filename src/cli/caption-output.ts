import { once } from 'node:events';
import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { CaptionRow } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import type { RowFormat } from './caption-formats.js';
import { fileRecords } from './file-records.js';

/** Where rows go. Only whole records are ever written. */
export interface RowOutput {
  /** Writes the row, if its format has a place for it. @throws `OUTPUT_UNWRITABLE`. */
  write(row: CaptionRow): Promise<void>;
  close(): void;
}

/** Rows to standard output. @param signal ends the wait for a slow reader. */
export function standardOutput(format: RowFormat, signal: AbortSignal): RowOutput {
  const put = async (record: string) => {
    if (process.stdout.write(record)) return;
    await once(process.stdout, 'drain', { signal });
  };
  let begun = false;
  return {
    write: async (row) => {
      if (!begun && format.header !== '') await put(format.header);
      begun = true;
      const record = format.write(row);
      if (record !== undefined) await put(record);
    },
    close: () => {},
  };
}

/** What an output file already holds. */
export interface Written {
  /** The images of its records, as the format names them. */
  readonly images: ReadonlySet<string>;
  /** The length of its whole records; what follows is half a record. */
  readonly length: number;
}

export const NOTHING_WRITTEN: Written = { images: new Set(), length: 0 };

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
  if (status?.isDirectory()) throw unwritable(path, 'it is a folder');
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
  const images = new Set<string>();
  let length = 0;
  let header = format.header;
  for await (const { text, end } of fileRecords(path, format.quoted)) {
    const image = header === '' ? format.imageOf(text) : undefined;
    if (header === '' ? image === undefined : `${text}\n` !== header) {
      throw new LegendaError('USAGE', {
        expected: `${path} to be of the format and the columns that --format and --top give`,
        received: JSON.stringify(text.slice(0, 80)),
        advice: 'resume with the options it was begun with, or choose another --output',
      });
    }
    header = '';
    if (image !== undefined) images.add(image);
    length = end;
  }
  return { images, length };
}

/**
 * Rows to a file, each written as a whole as it comes: after those that it holds, half a record cut away.
 * @throws `OUTPUT_UNWRITABLE`.
 */
export function fileOutput(path: string, format: RowFormat, { length }: Written): RowOutput {
  const guard = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  const file = guard(() => {
    if (length > 0) truncateSync(path, length);
    return openSync(path, length > 0 ? 'a' : 'w');
  });
  // Synchronous, so that nothing that ends this process in order can end it within a record.
  const put = (record: string) => guard(() => writeFileSync(file, record));
  if (length === 0) put(format.header);
  return {
    write: async (row) => {
      const record = format.write(row);
      if (record !== undefined) put(record);
    },
    close: () => guard(() => closeSync(file)),
  };
}

function unwritable(path: string, error: unknown): LegendaError {
  const why = error instanceof Error ? error.message : String(error);
  return new LegendaError('OUTPUT_UNWRITABLE', { received: `${path} (${why})`, cause: error });
}
