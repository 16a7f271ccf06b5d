import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Caption, CaptionedRow, CaptionRow, WithheldRow } from '../captioner/index.js';
import type { Format } from './format-names.js';

/** How rows are written, one record each, and found again when a run is resumed. */
export interface RowFormat {
  /** What stands before the first row; empty for nothing. */
  readonly header: string;
  /** The row with its line end; undefined if this format has no place for it. */
  write(row: CaptionRow): string | undefined;
  /** What a record without its line end says; undefined if it is not of this format. */
  read(record: string): ReadRecord | undefined;
  /** Whether this can be what is left of a record that was cut short. @param first whether no whole record precedes it. */
  cutShort(rest: string, first: boolean): boolean;
  /** How `read` names an image. */
  key(image: string): string;
  /** Whether line ends may stand inside a record, in double quotes. */
  readonly quoted: boolean;
}

export interface ReadRecord {
  /** As {@link RowFormat.key} gives it. */
  readonly image: string;
  /** Whether it says an error in place of captions. */
  readonly failed: boolean;
  /** Whether nothing is missing, even if its line end is. */
  readonly whole: boolean;
}

/** @param top captions an image: CSV has columns for each. */
export function rowFormat(format: Format, top: number): RowFormat {
  return { text: () => text(top), jsonl: () => jsonl, csv: () => csv(top) }[format]();
}

/**
 * `path<tab>caption`, and further captions after further tabs; nothing after the tab if they were left out. Failed images stand
 * on standard error only.
 */
function text(top: number): RowFormat {
  // A tab or line end in a path would break the line.
  const key = (image: string) => image.replace(/[\t\n\r]/g, (character) => ESCAPES[character] ?? character);
  return {
    header: '',
    write: (row) => {
      if ('error' in row) return undefined;
      const captions = row.captions.map((caption) => caption.text).join('\t');
      return `${key(row.image)}\t${captions}\n`;
    },
    read: (record) => {
      const [image = '', ...captions] = record.split('\t');
      if (image === '' || captions.length === 0) return undefined;
      return { image, failed: false, whole: captions.length === top && record.endsWith('.') };
    },
    // Any text may be the beginning of a path: of a file that holds nothing else, nobody knows whose it is.
    cutShort: (_, first) => !first,
    key,
    quoted: false,
  };
}

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const ROW_START = '{"image":"';

/** The row as JSON, its numbers to four decimals. */
const jsonl: RowFormat = {
  header: '',
  write: (row) => {
    const round = (name: string, value: unknown) => {
      // Where the model looked fills pages, and has its own: --explain.
      if (name === 'words') return undefined;
      return typeof value === 'number' ? rounded(value) : value;
    };
    return `${JSON.stringify(row, round)}\n`;
  },
  read: (record) => {
    try {
      const row: unknown = JSON.parse(record);
      if (typeof row !== 'object' || row === null || !('image' in row)) return undefined;
      if (typeof row.image !== 'string') return undefined;
      return { image: row.image, failed: 'error' in row, whole: true };
    } catch {
      return undefined;
    }
  },
  cutShort: (rest) => rest.startsWith(ROW_START) || ROW_START.startsWith(rest),
  key: (image) => image,
  quoted: false,
};

/** A header, then a record an image; after its captions the error's code and message, empty where there is none. */
function csv(top: number): RowFormat {
  const columns = Array.from({ length: top }, (_, rank) =>
    rank === 0 ? ['caption', 'confidence'] : [`caption_${rank + 1}`, `confidence_${rank + 1}`],
  );
  const header = stringify([['image', ...columns.flat(), 'error_code', 'error_message']]);
  return {
    header,
    write: (row) => {
      const captions = 'error' in row ? [] : sureOrNot(row);
      const cells = columns.flatMap((_, rank) => {
        const caption = captions[rank];
        return caption === undefined ? ['', ''] : [caption.text, rounded(caption.confidence)];
      });
      const error = 'error' in row ? [row.error.code, row.error.message] : ['', ''];
      return stringify([[row.image, ...cells, ...error]]);
    },
    read: (record) => {
      try {
        const [fields] = parse(record, { relaxColumnCount: true }) as string[][];
        const [image] = fields ?? [];
        if (image === undefined || fields?.length !== 3 + 2 * top) return undefined;
        return { image, failed: fields.at(-2) !== '', whole: true };
      } catch {
        return undefined;
      }
    },
    cutShort: (rest, first) => !first || header.startsWith(rest),
    key: (image) => image,
    quoted: true,
  };
}

/** The row's captions; where they were left out, no words but how sure the best was. */
function sureOrNot(row: CaptionedRow | WithheldRow): readonly Pick<Caption, 'text' | 'confidence'>[] {
  return row.caption !== null ? row.captions : [{ text: '', confidence: row.confidence }];
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
