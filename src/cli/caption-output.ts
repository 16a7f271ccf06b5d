import { once } from 'node:events';
import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import type { CaptionRow } from '../captioner/index.js';
import { unwritable } from '../write-atomically.js';
import type { RowFormat } from './caption-formats.js';
import { replaceRecords } from './file-records.js';
import type { Written } from './written-rows.js';

/** Where rows go. Only whole records are ever written. */
export interface RowOutput {
  /** Writes the row, if its format has a place for it. @throws `OUTPUT_UNWRITABLE`. */
  write(row: CaptionRow): Promise<void>;
  /** @throws `OUTPUT_UNWRITABLE`. */
  close(): Promise<void>;
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
    close: async () => {},
  };
}

/**
 * Rows to a file, each written as a whole as it comes: after those that it holds, a record cut short cut away. Rows of
 * images that had failed take the place of their records when the output is closed.
 * @throws `OUTPUT_UNWRITABLE`.
 */
export function fileOutput(path: string, format: RowFormat, written: Written): RowOutput {
  const { length, ended, rest, failed } = written;
  const guard = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw unwritable(path, error as Error);
    }
  };
  const file = guard(() => {
    if (rest !== '') truncateSync(path, length);
    return openSync(path, length > 0 ? 'a' : 'w');
  });
  // Synchronous, so that nothing that ends this process in order can end it within a record.
  const put = (record: string) => guard(() => writeFileSync(file, record));
  if (length === 0) put(format.header);
  else if (!ended) put('\n');
  const retried = new Map<string, string>();
  return {
    write: async (row) => {
      const record = format.write(row);
      if (record === undefined) return;
      const key = format.key(row.image);
      if (failed.has(key)) retried.set(key, record);
      else put(record);
    },
    close: async () => {
      guard(() => closeSync(file));
      if (retried.size === 0) return;
      await replaceRecords(path, format.quoted, (text) => {
        const entry = `${text}\n` === format.header ? undefined : format.read(text);
        return entry?.failed === true ? retried.get(entry.image) : undefined;
      });
    },
  };
}
