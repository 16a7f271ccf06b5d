import { ENGLISH, type Writing } from '../text/index.js';
import type { Dataset, Dropped, DropReason, Split } from './example.js';

const SPLITS: readonly Split[] = ['train', 'dev', 'test'];

/** How many of those left out for one reason are named. */
const NAMED = 3;

/**
 * What was made of a data set, as text of several lines: images and captions of each split, captions an image, lengths
 * in words, what was left out and why.
 * @param writing the captions'.
 */
export function describeDataset(dataset: Dataset, writing: Writing = ENGLISH): string {
  const { name, format, examples } = dataset;
  const lines = [`${name} (${format}): ${count(examples.length, 'image')}`];
  const rows = [['', 'images', 'captions', 'captions an image']];
  for (const split of SPLITS) {
    const numbers = examples.filter((e) => e.split === split).map((example) => example.captions.length);
    if (numbers.length === 0) continue;
    const total = numbers.reduce((sum, number) => sum + number, 0);
    const mean = (total / numbers.length).toFixed(1);
    const ascending = numbers.sort((a, b) => a - b);
    rows.push([
      split,
      grouped(numbers.length),
      grouped(total),
      `${mean} (${ascending[0]} to ${ascending.at(-1)})`,
    ]);
  }
  lines.push(...table(rows), `  ${lengths(dataset, writing)}`, ...describeDropped(dataset.dropped));
  return lines.join('\n');
}

/** `words a caption: 1 to 38, median 11, 95 % have at most 19`. */
function lengths({ examples }: Dataset, writing: Writing): string {
  const words: number[] = [];
  for (const { captions } of examples)
    for (const caption of captions) words.push(writing.tokenise(caption).length);
  words.sort((a, b) => a - b);
  const at = (share: number) => words[Math.min(words.length - 1, Math.floor(words.length * share))] ?? 0;
  return `words a caption: ${at(0)} to ${at(1)}, median ${at(0.5)}, 95 % have at most ${at(0.95)}`;
}

/** A line for each reason, with the first few by name. */
export function describeDropped(dropped: readonly Dropped[]): string[] {
  const reasons = new Map<DropReason, string[]>();
  for (const { id, reason } of dropped) {
    const ids = reasons.get(reason);
    if (ids === undefined) reasons.set(reason, [id]);
    else ids.push(id);
  }
  return [...reasons].map(([reason, ids]) => {
    const names = ids.slice(0, NAMED).join(', ') + (ids.length > NAMED ? ', …' : '');
    const what = reason === 'empty caption' ? 'caption' : 'image';
    return `  left out, ${reason}: ${count(ids.length, what)} (${names})`;
  });
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`;
  });
}

function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function grouped(number: number): string {
  return number.toLocaleString('en');
}
