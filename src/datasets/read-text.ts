import { readFile } from 'node:fs/promises';
import { LegendaError } from '../errors.js';
import { askGuard } from './read-guard.js';

/** A UTF-8 file of a data set, without the byte-order mark. @throws `DATASET_BROKEN` if it cannot be read. */
export async function readText(path: string): Promise<string> {
  await askGuard(path);
  try {
    return new TextDecoder().decode(await readFile(path));
  } catch (cause) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'a readable text file',
      received: `${path} (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    });
  }
}

/** A file's lines, ended by LF or CRLF, without those that are blank; each with its number, from 1. */
export function* linesOf(text: string): Generator<{ line: string; number: number }> {
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() !== '') yield { line, number };
  }
}
