import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number of 1 or more. */
export function count(value: string): number {
  const read = wholeNumber(value);
  if (read < 1) throw new InvalidArgumentError('It is no whole number of 1 or more.');
  return read;
}

/** Reads an option's value as a whole number of 0 or more. */
export function wholeNumber(value: string): number {
  const read = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(read)) {
    throw new InvalidArgumentError('It is no whole number.');
  }
  return read;
}

/** Reads an option's value as a number of a range. */
export function number(from: number, to = Number.POSITIVE_INFINITY): (value: string) => number {
  const range = Number.isFinite(to) ? `from ${from} to ${to}` : `of ${from} or more`;
  return (value) => {
    const read = Number(value);
    if (value.trim() === '' || !Number.isFinite(read) || read < from || read > to) {
      throw new InvalidArgumentError(`It is no number ${range}.`);
    }
    return read;
  };
}

/** Reads an option's value as a length of time, `90s`, `30m`, `2h` or `1h30m`, in seconds. */
export function seconds(value: string): number {
  const [, h = '0', m = '0', s = '0'] = /^(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?$/.exec(value) ?? [];
  const read = Number(h) * 3600 + Number(m) * 60 + Number(s);
  if (!(read > 0)) throw new InvalidArgumentError('It is no length of time such as 90s, 30m or 2h.');
  return read;
}

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
