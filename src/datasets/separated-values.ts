/** What a field says, and where in the text it is written: from `start` to before `end`. */
export interface Field {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The rows of a text of values (RFC 4180), whose lines end by LF. A quote opens a field only where another closes it
 * before a separator or a line's end; else it is a character of a caption, and stands for itself.
 * @param isRow whether a line looks like a row by itself: a field in quotes holds none.
 */
export function* rowsOf(
  text: string,
  separator: string,
  isRow: (line: string) => boolean,
): Generator<Field[]> {
  // As people's tools write them, only fields between commas or semicolons hold line ends.
  const inside = /[,;]/.test(separator) ? '[^"]*' : '[^"\\n]*';
  const quoted = new RegExp(` *"(${inside}(?:""${inside})*)" *(?=[${separator}\\n]|$)`, 'y');
  const plain = new RegExp(`[^${separator}\\n]*`, 'y');
  const fieldAt = (start: number): Field => {
    quoted.lastIndex = start;
    const value = quoted.exec(text)?.[1]?.replaceAll('""', '"');
    if (value !== undefined && !value.split('\n').slice(1).some(isRow)) {
      return { value, start, end: quoted.lastIndex };
    }
    plain.lastIndex = start;
    return { value: plain.exec(text)?.[0] ?? '', start, end: plain.lastIndex };
  };
  for (let at = 0; at < text.length; at++) {
    const row = [fieldAt(at)];
    for (at = row[0]?.end ?? at; text[at] === separator; ) {
      const field = fieldAt(at + 1);
      row.push(field);
      at = field.end;
    }
    yield row;
  }
}
