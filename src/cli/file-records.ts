import { createReadStream } from 'node:fs';
import { AtomicFile } from '../write-atomically.js';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** A record of a text file without its line end, and the file's length up to and with that. */
export interface FileRecord {
  readonly text: string;
  readonly end: number;
  /** Whether a line end follows it; only the last may have none. */
  readonly ended: boolean;
}

/**
 * The records of a file, a line each.
 * @param quoted whether line ends between double quotes belong to the record, as in CSV.
 */
export async function* fileRecords(
  path: string,
  quoted: boolean,
): AsyncGenerator<FileRecord, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let restStart = 0;
  let scanned = 0;
  let inQuotes = false;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = scanned; at < rest.length; at++) {
      if (quoted && rest[at] === QUOTE) inQuotes = !inQuotes;
      if (rest[at] !== LINE_FEED || inQuotes) continue;
      yield { text: rest.toString('utf8', start, at), end: restStart + at + 1, ended: true };
      start = at + 1;
    }
    rest = rest.subarray(start);
    restStart += start;
    scanned = rest.length;
  }
  if (rest.length > 0) yield { text: rest.toString(), end: restStart + rest.length, ended: false };
}

/** What is written at once, characters: a write for each record would take as long as making it. */
const WRITE_SIZE = 1 << 16;

/**
 * Writes a file anew with some of its records replaced, the others as they are; it is at every moment as it was or complete.
 * @param replacement the record with its line end; undefined to keep it. @throws `OUTPUT_UNWRITABLE`.
 */
export async function replaceRecords(
  path: string,
  quoted: boolean,
  replacement: (text: string) => string | undefined,
): Promise<void> {
  const file = await AtomicFile.open(path);
  try {
    let pending = '';
    for await (const { text } of fileRecords(path, quoted)) {
      pending += replacement(text) ?? `${text}\n`;
      if (pending.length < WRITE_SIZE) continue;
      await file.write(pending);
      pending = '';
    }
    await file.write(pending);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
