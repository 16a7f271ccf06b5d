/**
 * The paths in a stream of text, as `ls`, `find` and `find -print0` write them: ended by NUL if the text up to the first end
 * (as it arrives) has one, else by LF or CRLF. Empty lines and a byte-order mark are passed over.
 *
 * @param stream UTF-8, such as `process.stdin`.
 */
export async function* readPathList(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let separator: string | undefined;
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    separator ??= separatorIn(rest);
    if (separator === undefined) continue;
    const paths = rest.split(separator);
    rest = paths.pop() ?? '';
    for (const path of paths) yield* pathOf(path, separator);
  }
  rest += decoder.decode();
  yield* pathOf(rest, separator ?? '\n');
}

/** NUL can stand in no path, so one anywhere means that line ends belong to the paths. */
function separatorIn(text: string): string | undefined {
  if (text.includes('\0')) return '\0';
  return text.includes('\n') ? '\n' : undefined;
}

function pathOf(raw: string, separator: string): string[] {
  const path = separator === '\n' && raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  return path === '' ? [] : [path];
}
