import { readlink, realpath } from 'node:fs/promises';
import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import { type ErrorCode, LegendaError } from '../errors.js';
import { unreadable } from '../images/read-image.js';

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** Folders whose files may be read. */
export interface Roots {
  readonly real: readonly string[];
  /** As they were given, perhaps through links. */
  readonly named: readonly string[];
}

/**
 * The real path of a file below one of the folders. A path that is not absolute is looked for below each in turn. Links may lead
 * from one of the folders to another, not out of them.
 * @throws `PATH_FORBIDDEN`, which does not tell whether there is such a file; `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`.
 */
export async function allowedPath(path: string, { real: roots, named }: Roots): Promise<string> {
  const candidates = roots
    .map((root) => resolve(root, path))
    .filter((found) => isBelow(found, roots) || isBelow(found, named));
  if (candidates.length === 0 || path.includes('\0')) throw forbidden(path, roots);
  let problem: unknown;
  for (const candidate of candidates) {
    try {
      const real = await realpath(candidate);
      if (isBelow(real, roots)) return real;
      problem ??= forbidden(path, roots);
    } catch (error) {
      const within = isBelow(await whereItLeads(candidate), roots);
      problem ??= within ? unreadable(error, path) : forbidden(path, roots);
    }
  }
  throw problem;
}

/** {@link allowedPath} of what is no image. @throws `PATH_FORBIDDEN`; the code given where there is nothing. */
export async function pathOf(path: string, roots: Roots, otherwise: ErrorCode): Promise<string> {
  try {
    return await allowedPath(path, roots);
  } catch (error) {
    // Its other errors speak of images.
    if (error instanceof LegendaError && error.code === 'PATH_FORBIDDEN') throw error;
    throw new LegendaError(otherwise, { received: path, cause: error });
  }
}

/** Asks of each file that it is below one of the folders; what there is not is left to who opens it. @throws `PATH_FORBIDDEN`. */
export function guardOf(roots: Roots): (file: string) => Promise<void> {
  return async (file) => {
    await allowedPath(file, roots).catch((error: unknown) => {
      if (error instanceof LegendaError && error.code === 'PATH_FORBIDDEN') throw error;
    });
  };
}

/** The folders. @throws `USAGE` for one that there is not. */
export async function findRoots(folders: readonly string[]): Promise<Roots> {
  const real = await Promise.all(
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
  return { real, named: folders.map((folder) => resolve(folder)) };
}

/** Where a path leads by its links, be there anything or not. */
async function whereItLeads(path: string): Promise<string> {
  let at = parse(path).root;
  const left = path.slice(at.length).split(sep);
  for (let links = 0; left.length > 0; ) {
    const next = resolve(at, left.shift() ?? '');
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined || links === MOST_LINKS) at = next;
    else {
      links++;
      const { root } = parse(target);
      if (root !== '') at = root;
      left.unshift(...target.slice(root.length).split(sep));
    }
  }
  return at;
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
