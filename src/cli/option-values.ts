import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number of 1 or more. */
export function count(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('It is no whole number of 1 or more.');
  }
  return number;
}

/** Reads an option's value as a length penalty, 0 to 2. */
export function penalty(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 2)) {
    throw new InvalidArgumentError('It is no number from 0 to 2.');
  }
  return number;
}
