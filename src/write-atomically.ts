import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name beside `path`, on the same file system, that nothing else has. */
function siblingOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.partial`);
}

/** Writes a file so that `path` is at every moment either as it was or complete: to a sibling, then renamed. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const sibling = siblingOf(path);
  try {
    await writeFile(sibling, content);
    await rename(sibling, path);
  } catch (error) {
    await rm(sibling, { force: true });
    throw error;
  }
}

/**
 * Fills a folder so that `path` is at every moment either as it was or complete: `fill` writes into a sibling, which then
 * takes the place of `path`. What stood there before is removed.
 */
export async function writeFolderAtomically(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const sibling = siblingOf(path);
  await mkdir(sibling, { recursive: true });
  try {
    await fill(sibling);
    const old = siblingOf(path);
    const replaced = await rename(path, old).then(
      () => true,
      () => false,
    );
    await rename(sibling, path);
    if (replaced) await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(sibling, { recursive: true, force: true });
    throw error;
  }
}
