import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { brokenFile } from './broken.js';
import type { Row } from './columns.js';
import { linesOf, readText } from './read-text.js';

/** The extensions of files that hold a table. */
export const TABLE = /\.(csv|tsv|jsonl|ndjson)$/i;

/** The rows of a table: JSON lines by the file's extension, else text with a separator and a first line of names. */
export async function readTable(file: string): Promise<Row[]> {
  const text = await readText(file);
  return /\.(jsonl|ndjson)$/i.test(file) ? jsonRows(text, file) : separatedRows(text, file);
}

function jsonRows(text: string, file: string): Row[] {
  return [...linesOf(text)].map(({ line, number }) => {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (cause) {
      throw brokenFile(file, 'a JSON object on each line', `line ${number} is not JSON`, cause);
    }
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
    throw brokenFile(file, 'a JSON object on each line', `line ${number} is none`);
  });
}

/** Lenient with quotes and with rows too short or too long, which people's tables have. */
function separatedRows(text: string, file: string): Row[] {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  try {
    return parse(text, {
      columns: (names: string[]) => names.map((name) => name.trim()),
      delimiter: extname(file).toLowerCase() === '.tsv' ? '\t' : separatorOf(header),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    });
  } catch (cause) {
    throw brokenFile(file, 'a table', cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The separator that the line of names has most of. */
function separatorOf(header: string): string {
  const counts = [',', ';', '\t', '|'].map((separator) => ({
    separator,
    count: header.split(separator).length,
  }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}
