import { createReadStream } from 'node:fs';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** A record of a text file without its line end, and the file's length up to and with that. */
export interface FileRecord {
  readonly text: string;
  readonly end: number;
}

/**
 * The whole records of a file, a line each; what stands after the last line end is none.
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
      yield { text: rest.toString('utf8', start, at), end: restStart + at + 1 };
      start = at + 1;
    }
    rest = rest.subarray(start);
    restStart += start;
    scanned = rest.length;
  }
}
