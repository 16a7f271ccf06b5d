import { describeDataset } from '../datasets/index.js';
import type { Preparation, Size } from './prepare.js';

/** How many near-duplicates are named. */
const NAMED = 3;

/** What was found, as text of several lines. */
export function describePreparation(preparation: Preparation): string {
  const { dataset, nearDuplicates, words } = preparation;
  const lines = [
    describeDataset(dataset, words.options.writing),
    `  pictures: ${describePictures(preparation)}`,
    `  vocabulary: ${describeVocabulary(preparation)}`,
  ];
  const { maximumLength } = words.options;
  if (words.tooLong > 0) {
    lines.push(
      `  ${grouped(words.tooLong)} captions have more than ${maximumLength} words: the rest is not learnt`,
    );
  }
  if (nearDuplicates.count > 0) {
    const named = nearDuplicates.pairs
      .slice(0, NAMED)
      .map(({ first, second }) => `${first.id} in ${first.split} and ${second.id} in ${second.split}`);
    const more = nearDuplicates.count > NAMED ? '; …' : '';
    lines.push(
      `  photos that look the same in two splits: ${grouped(nearDuplicates.count)} (${named.join('; ')}${more})`,
    );
  }
  return lines.join('\n');
}

/** `500×375 at the median, the smallest 200×164, 1.1 GB together`. */
export function describePictures({ pictures }: Preparation): string {
  const { median, smallest, bytes, copies } = pictures;
  const size = ({ width, height }: Size) => `${width}×${height}`;
  const same = copies === 0 ? '' : `; copies of another in the same split: ${grouped(copies)}`;
  return `${size(median)} at the median, the smallest ${size(smallest)}, ${inBytes(bytes)} together${same}`;
}

/** `2,960 of 7,300 words occur 5 times or more in train; unknown words: train 2.1 %, dev 2.5 %`. */
export function describeVocabulary({ words }: Preparation): string {
  const { kept, different, unknown, options } = words;
  const shares = [...unknown].map(([split, share]) => `${split} ${(100 * share).toFixed(1)} %`);
  const often = options.minimumCount === 1 ? 'are' : `occur ${options.minimumCount} times or more`;
  return `${grouped(kept)} of ${grouped(different)} words ${often} in train; unknown words: ${shares.join(', ')}`;
}

export function grouped(number: number): string {
  return number.toLocaleString('en');
}

function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const number = bytes / 1000 ** power;
  return `${number.toFixed(number < 10 && power > 0 ? 1 : 0)} ${units[power]}`;
}
