import { extname } from 'node:path';
import { LegendaError } from '../errors.js';
import { hasImageExtension } from '../images/formats.js';
import { brokenFile } from './broken.js';
import { type ColumnNames, chooseColumns, type Row } from './columns.js';
import { linesOf, readText } from './read-text.js';
import { type Field, rowsOf } from './separated-values.js';

/** The extensions of files that hold a table. */
export const TABLE = /\.(csv|tsv|jsonl|ndjson)$/i;

/**
 * The rows of a table: JSON lines by the file's extension, else text with a separator and a first line of names.
 * @throws `DATASET_BROKEN` with the line that is no row; one with too many fields is one only if its caption comes last.
 */
export async function readTable(file: string, names: ColumnNames): Promise<Row[]> {
  const text = await readText(file);
  return /\.(jsonl|ndjson)$/i.test(file) ? jsonRows(text, file) : separatedRows(text, file, names);
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

/** Lenient with quotes, which people's captions have, and with rows too short or too long. */
function separatedRows(written: string, file: string, names: ColumnNames): Row[] {
  const text = written.includes('\n') ? written.replaceAll('\r\n', '\n') : written.replaceAll('\r', '\n');
  const header = text.slice(0, text.search(/\n|$/));
  const separator = extname(file).toLowerCase() === '.tsv' ? '\t' : separatorOf(header);
  let columns: string[] | undefined;
  const rows: Row[] = [];
  for (const fields of rowsOf(text, separator, (line) => namesPicture(line, separator))) {
    if (fields.every(isBlank)) continue;
    while (fields.length > (columns?.length ?? 1) && fields.slice(-1).every(isBlank)) fields.pop();
    if (columns === undefined) {
      columns = fields.map(({ value }) => value.trim());
      continue;
    }
    const values = fields.slice(0, columns.length).map(({ value }) => value);
    const last = fields[columns.length - 1];
    if (last !== undefined && fields.length > columns.length) {
      const { captions } = chooseColumns(columns, file, names);
      if (captions.length !== 1 || captions[0] !== columns.at(-1)) {
        throw new LegendaError('DATASET_BROKEN', {
          expected: `${columns.length} fields for the columns ${columns.join(', ')}`,
          received: `${fields.length} in line ${text.slice(0, last.start).split('\n').length} of ${file}`,
          advice: `put a text that holds "${separator}" in quotes`,
        });
      }
      // Nobody put the caption in quotes: its separators are commas of its own.
      values[columns.length - 1] = text.slice(last.start, fields.at(-1)?.end);
    }
    rows.push(Object.fromEntries(values.map((value, index) => [columns?.[index], value])));
  }
  return rows;
}

function isBlank({ value }: Field): boolean {
  return value.trim() === '';
}

/** Whether a line has the name of a picture among its fields, as a row has. */
function namesPicture(line: string, separator: string): boolean {
  const fields = line.split(separator).map((field) => field.replaceAll('"', '').trim());
  return fields.length > 1 && fields.some(hasImageExtension);
}

/** The separator that the line of names has most of. */
function separatorOf(header: string): string {
  const counts = [',', ';', '\t', '|'].map((separator) => ({
    separator,
    count: header.split(separator).length,
  }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}
