import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { CaptionRow } from '../captioner/index.js';
import type { Format } from './format-names.js';

/** How rows are written, one record each, and found again when a run is resumed. */
export interface RowFormat {
  /** What stands before the first row; empty for nothing. */
  readonly header: string;
  /** The row with its line end; undefined if this format has no place for it. */
  write(row: CaptionRow): string | undefined;
  /** The image of a written row, as {@link key} gives it. Undefined if the record is not of this format. */
  imageOf(record: string): string | undefined;
  /** How `imageOf` names an image. */
  key(image: string): string;
  /** Whether line ends may stand inside a record, in double quotes. */
  readonly quoted: boolean;
}

/** @param top captions an image: CSV has columns for each. */
export function rowFormat(format: Format, top: number): RowFormat {
  return { text: () => text, jsonl: () => jsonl, csv: () => csv(top) }[format]();
}

/** `path<tab>caption`, and further captions after further tabs. Failed images stand on standard error only. */
const text: RowFormat = {
  header: '',
  write: (row) => {
    if ('error' in row) return undefined;
    return `${[text.key(row.image), ...row.captions.map((caption) => caption.text)].join('\t')}\n`;
  },
  imageOf: (record) => /^([^\t]+)\t/.exec(record)?.[1],
  // A tab or line end in a path would break the line.
  key: (image) => image.replace(/[\t\n\r]/g, (character) => ESCAPES[character] ?? character),
  quoted: false,
};

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** The row as JSON, its numbers to four decimals. */
const jsonl: RowFormat = {
  header: '',
  write: (row) => {
    const round = (_: string, value: unknown) => (typeof value === 'number' ? rounded(value) : value);
    return `${JSON.stringify(row, round)}\n`;
  },
  imageOf: (record) => {
    try {
      const row: unknown = JSON.parse(record);
      const image = typeof row === 'object' && row !== null && 'image' in row ? row.image : undefined;
      return typeof image === 'string' ? image : undefined;
    } catch {
      return undefined;
    }
  },
  key: (image) => image,
  quoted: false,
};

/** A header, then a record an image; after its captions the error's code and message, empty where there is none. */
function csv(top: number): RowFormat {
  const columns = Array.from({ length: top }, (_, rank) =>
    rank === 0 ? ['caption', 'confidence'] : [`caption_${rank + 1}`, `confidence_${rank + 1}`],
  );
  return {
    header: stringify([['image', ...columns.flat(), 'error_code', 'error_message']]),
    write: (row) => {
      const captions = 'error' in row ? [] : row.captions;
      const cells = columns.flatMap((_, rank) => {
        const caption = captions[rank];
        return caption === undefined ? ['', ''] : [caption.text, rounded(caption.confidence)];
      });
      const error = 'error' in row ? [row.error.code, row.error.message] : ['', ''];
      return stringify([[row.image, ...cells, ...error]]);
    },
    imageOf: (record) => {
      const [fields] = parse(record, { relaxColumnCount: true }) as string[][];
      return fields?.length === 3 + 2 * top ? fields[0] : undefined;
    },
    key: (image) => image,
    quoted: true,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
