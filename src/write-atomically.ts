import { randomBytes } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LegendaError } from './errors.js';

/** A name beside `path`, on the same file system, that nothing else has. */
function siblingOf(path: string, state: 'partial' | 'before'): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.${state}`);
}

const SIBLING = /^\.(?<name>.+)\.[0-9a-f]{12}\.(?<state>partial|before)$/;

/** Whether a name is that of what a killed process may leave: see {@link AtomicFile}. */
export function isLeftover(name: string): boolean {
  return SIBLING.test(name);
}

/** What nobody has touched for so long, milliseconds, nobody is writing any more. */
const ABANDONED = 3_600_000;

/**
 * Writes a file so that `path` is at every moment either as it was or complete, see {@link AtomicFile}.
 * @throws `OUTPUT_UNWRITABLE` when the disk is full or closed to us.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const file = await AtomicFile.open(path);
  try {
    await file.write(content);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/**
 * A file that is written piece by piece to a sibling, which takes its place when it is complete. A process that is killed may
 * leave the sibling, `.<name>.<hex>.partial`. Where `path` is a link, what it leads to is replaced; a pipe or a device holds
 * nothing to be kept and is written to as it is.
 */
export class AtomicFile {
  private constructor(
    private readonly target: string,
    /** None where the target is written to as it is. */
    private readonly sibling: string | undefined,
    private readonly file: FileHandle,
  ) {}

  /** Makes the folders above it. @throws `OUTPUT_UNWRITABLE`. */
  static async open(path: string): Promise<AtomicFile> {
    return orUnwritable(path, async () => {
      if (await isStream(path)) return new AtomicFile(path, undefined, await open(path, 'a'));
      const target = await linkTarget(path);
      const sibling = siblingOf(target, 'partial');
      await mkdir(dirname(target), { recursive: true });
      return new AtomicFile(target, sibling, await open(sibling, 'wx'));
    });
  }

  /** @throws `OUTPUT_UNWRITABLE`. */
  async write(content: string | Uint8Array): Promise<void> {
    await orUnwritable(this.target, () => this.file.writeFile(content));
  }

  /** Puts what was written in place. @throws `OUTPUT_UNWRITABLE`. */
  async commit(): Promise<void> {
    await orUnwritable(this.target, async () => {
      await this.file.close();
      if (this.sibling !== undefined) await rename(this.sibling, this.target);
    });
  }

  /** Leaves `path` as it is. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    if (this.sibling !== undefined) await removeIfPossible(this.sibling);
  }
}

/** Whether it is no file that could be replaced: a pipe, a device, or what a shell has opened as one of ours. */
async function isStream(path: string): Promise<boolean> {
  if (/^\/(?:dev\/(?:std(?:in|out|err)$|fd\/)|proc\/)/.test(path)) return true;
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** The path that a link leads to, at last, be there something or not; the path itself if it is no link. */
async function linkTarget(path: string): Promise<string> {
  return realpath(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : linkTarget(resolve(dirname(path), link));
  });
}

/** Does what writes to a path. @throws `OUTPUT_UNWRITABLE` for what the system says. */
export async function orUnwritable<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

/**
 * Fills a folder so that `path` is never incomplete: `fill` writes into a sibling, which goes to disk and then takes the
 * place of `path`. If that fails, `path` is as it was.
 *
 * No file system swaps two folders, so one that is there already is first renamed to `.<name>.<hex>.before`: for that moment
 * there is none at `path`. A process killed in it leaves that folder, which {@link recoverFolders} puts back.
 *
 * @throws `OUTPUT_UNWRITABLE` when the disk is full or closed to us, or something else stands there: a file, or a folder with
 *   no file of the same name as a new one.
 */
export async function writeFolderAtomically(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const sibling = siblingOf(path, 'partial');
  try {
    await mkdir(sibling, { recursive: true });
    await recoverFolders(dirname(path));
    await fill(sibling);
    await flushFolder(sibling);
    await requireReplaceable(path, sibling);
    await putInPlace(sibling, path);
  } catch (error) {
    await removeIfPossible(sibling);
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

/**
 * Puts right what killed processes left in a directory: a folder that was taken away and not yet replaced comes back, one
 * that was replaced is removed, and so is what was begun more than an hour ago.
 */
export async function recoverFolders(directory: string): Promise<void> {
  const names = await readdir(directory);
  const taken = new Set(names);
  for (const sibling of names) {
    const { name, state } = SIBLING.exec(sibling)?.groups ?? {};
    if (name === undefined) continue;
    const path = join(directory, sibling);
    if (state === 'before' && !taken.has(name)) {
      await rename(path, join(directory, name));
      taken.add(name);
    } else if (state === 'before' || (await isAbandoned(path))) {
      await removeIfPossible(path);
    }
  }
}

async function putInPlace(sibling: string, path: string): Promise<void> {
  const before = siblingOf(path, 'before');
  const replaces = await rename(path, before).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(sibling, path);
  } catch (error) {
    if (replaces) await rename(before, path);
    throw error;
  }
  await flush(dirname(path), 'r').catch(() => {});
  if (replaces) await removeIfPossible(before);
}

/** A mistyped path must not cost a folder of photos. */
async function requireReplaceable(path: string, sibling: string): Promise<void> {
  const found = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = new Set(await readdir(sibling));
  if (found.length === 0 || found.some((name) => names.has(name))) return;
  throw new LegendaError('OUTPUT_UNWRITABLE', {
    expected: `a folder that is new, empty, or holds ${[...names].sort().join(', ')}`,
    received: `${path}, which holds ${found.sort().slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}`,
    advice: 'name another folder: this one would be removed',
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** An `OUTPUT_UNWRITABLE` that names the path. */
export function unwritable(path: string, cause: Error): LegendaError {
  const received = `${path}: ${cause.message}`;
  return new LegendaError('OUTPUT_UNWRITABLE', { expected: 'a place that can be written', received, cause });
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED;
}

/** What another program holds open stays until the next time. */
async function removeIfPossible(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** Has everything in a folder on disk, so that not even a power cut leaves less than was renamed. */
async function flushFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // What a link leads to is not ours.
    if (entry.isSymbolicLink()) continue;
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? flushFolder(path) : flush(path, 'r+'));
  }
  // Windows opens no folders, nor needs to.
  await flush(folder, 'r').catch(() => {});
}

async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
