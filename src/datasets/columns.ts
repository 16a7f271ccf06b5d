import { LegendaError } from '../errors.js';
import type { Split } from './example.js';
import { requireSplit } from './splits.js';

/** A line of a table: values by the names of their columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Which columns of a table hold what. @defaultValue the first that is called as such columns commonly are */
export interface ColumnNames {
  readonly image?: string;
  readonly captions?: readonly string[];
  readonly split?: string;
}

/** An image of a table. */
export interface TableImage {
  /** As the table names it. */
  readonly image: string;
  readonly captions: readonly string[];
  readonly split: Split | undefined;
}

/** Likeliest first; in any capitals, and for captions with a number after it. */
const COMMON = {
  image: [
    'image',
    'file_name',
    'filename',
    'file',
    'image_path',
    'file_path',
    'filepath',
    'path',
    'image_name',
  ],
  captions: [
    'caption',
    'captions',
    'text',
    'texts',
    'sentence',
    'sentences',
    'comment',
    'description',
    'raw',
  ],
  split: ['split'],
};

/** What a table says of each image: rows of one image are joined. @throws `DATASET_BROKEN` if it lacks a column. */
export function imagesOfTable(rows: readonly Row[], file: string, names: ColumnNames): TableImage[] {
  const columns = new Set<string>();
  for (const row of rows) for (const column of Object.keys(row)) columns.add(column);
  const chosen = chooseColumns([...columns], file, names);
  const images = new Map<string, { captions: string[]; split: Split | undefined }>();
  for (const row of rows) {
    const image = textOf(row[chosen.image]).trim();
    if (image === '') continue;
    const values = chosen.captions.map((column) => row[column]);
    const captions = values.flatMap(captionsIn);
    // Counted as an empty caption. A list that is empty says that there is none.
    if (captions.length === 0 && !values.some(Array.isArray)) captions.push('');
    const word = chosen.split === undefined ? '' : textOf(row[chosen.split]).trim();
    const split = word === '' ? undefined : requireSplit(word, file);
    const known = images.get(image);
    if (known === undefined) images.set(image, { captions, split });
    else known.captions.push(...captions);
  }
  return [...images].map(([image, said]) => ({ image, ...said }));
}

interface ChosenColumns {
  readonly image: string;
  readonly captions: readonly string[];
  readonly split: string | undefined;
}

/** The columns that are named, or else called as is common. @throws `DATASET_BROKEN` if one is missing. */
export function chooseColumns(columns: readonly string[], file: string, names: ColumnNames): ChosenColumns {
  const lacks = (what: string, expected: readonly string[]) =>
    new LegendaError('DATASET_BROKEN', {
      expected: `a column for the ${what}: ${expected.join(', ')}`,
      received: `${file} with ${columns.length === 0 ? 'no row' : `the columns ${columns.join(', ')}`}`,
      advice: 'name it, as in --columns image=photo,caption=title',
    });
  const named = [names.image, ...(names.captions ?? []), names.split].filter((name) => name !== undefined);
  const missing = named.find((name) => !columns.includes(name));
  if (missing !== undefined) throw lacks('name given', [missing]);
  const image = names.image ?? common(columns, COMMON.image)[0];
  if (image === undefined) throw lacks('image', COMMON.image);
  const captions = names.captions ?? common(columns, COMMON.captions);
  if (captions.length === 0) throw lacks('caption', COMMON.captions);
  return { image, captions, split: names.split ?? common(columns, COMMON.split)[0] };
}

/** The columns called by the first of the names that any is called by: `caption`, or `caption_1` and `caption_2`. */
function common(columns: readonly string[], names: readonly string[]): string[] {
  for (const name of names) {
    const found = columns.filter((column) => column.toLowerCase().replace(/[ _-]?\d+$/, '') === name);
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * Captions of a value: of a text itself, also where it is a JSON list of texts; of a list each; of an object (as
 * Hugging Face has some sentences) its `raw`.
 */
export function captionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(captionsIn);
  if (typeof value === 'object' && value !== null) return 'raw' in value ? captionsIn(value.raw) : [];
  const text = textOf(value);
  if (!/^\s*\["/.test(text)) return text === '' ? [] : [text];
  try {
    return captionsIn(JSON.parse(text));
  } catch {
    return [text];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
