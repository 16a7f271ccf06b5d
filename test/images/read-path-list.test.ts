import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPathList } from '../../src/images/index.js';

async function read(chunks: (string | Uint8Array)[]): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of readPathList(Readable.from(chunks, { objectMode: true }))) paths.push(path);
  return paths;
}

/** Any path without the characters that end one. */
const path = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((p) => !/[\0\r\n\ufeff]/.test(p));

describe('readPathList', () => {
  it.each([
    ['line feeds', '\n'],
    ['carriage returns and line feeds', '\r\n'],
    ['NUL', '\0'],
  ])('reads paths ended by %s, however the bytes arrive', async (_, end) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(path),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (paths, ended, size) => {
          const bytes = Buffer.from(paths.join(end) + (ended ? end : ''));
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          expect(await read(chunks)).toEqual(paths);
        },
      ),
    );
  });

  it('keeps line ends and spaces within paths that NUL ends', async () => {
    expect(await read(['a\nb.jpg\0 c.jpg \0'])).toEqual(['a\nb.jpg', ' c.jpg ']);
  });

  it('passes over empty lines and the mark that Windows begins with', async () => {
    expect(await read([Buffer.from('\ufeffa.jpg\r\n\r\nb.jpg\r\n')])).toEqual(['a.jpg', 'b.jpg']);
    expect(await read([])).toEqual([]);
  });
});
