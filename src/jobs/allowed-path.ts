import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { LegendaError } from '../errors.js';
import { unreadable } from '../images/decode.js';

/**
 * The real path of a file below one of the folders. A path that is not absolute is looked for below each in turn. Links may lead
 * from one of the folders to another, not out of them.
 * @param roots real paths.
 * @throws `PATH_FORBIDDEN`, which does not tell whether there is such a file; `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`.
 */
export async function allowedPath(path: string, roots: readonly string[]): Promise<string> {
  const candidates = roots.map((root) => resolve(root, path)).filter((found) => isBelow(found, roots));
  if (candidates.length === 0 || path.includes('\0')) throw forbidden(path, roots);
  let problem: unknown;
  for (const candidate of candidates) {
    try {
      const real = await realpath(candidate);
      if (isBelow(real, roots)) return real;
      problem ??= forbidden(path, roots);
    } catch (error) {
      problem ??= unreadable(error, path);
    }
  }
  throw problem;
}

/** The folders' real paths. @throws `USAGE` for one that there is not. */
export async function realRoots(folders: readonly string[]): Promise<string[]> {
  return Promise.all(
    folders.map((folder) =>
      realpath(folder).catch((cause: unknown) => {
        throw new LegendaError('USAGE', {
          expected: 'a folder that exists',
          received: `--root ${folder}`,
          cause,
        });
      }),
    ),
  );
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}

function forbidden(path: string, roots: readonly string[]): LegendaError {
  return new LegendaError('PATH_FORBIDDEN', {
    expected: roots.length === 0 ? 'no paths: no folder is allowed' : 'a file below a folder that is allowed',
    received: path.replaceAll('\0', '\\0'),
    advice: 'allow its folder with --root where the worker is started',
  });
}
