import { lstat, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { type Dataset, EXAMPLES } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { writeFolderAtomically } from '../write-atomically.js';
import type { Preparation } from './prepare.js';
import { preparationReport } from './report.js';

const REPORT = 'report.html';
const DROPPED = 'dropped.jsonl';
/** The link to the data set's folder. */
const IMAGES = 'images';

/**
 * Writes a folder: the examples as a table, which is a data set to train on; the report; what was left out. Images stay
 * where they are: the folder has a link to theirs, and the table names them through it.
 * @throws `OUTPUT_UNWRITABLE`, as `requirePreparationFolder`.
 */
export async function writePreparation(out: string, preparation: Preparation): Promise<void> {
  const { root, examples, dropped } = preparation.dataset;
  await requirePreparationFolder(out, preparation.dataset);
  const report = await preparationReport(preparation, DROPPED);
  const rows = examples.map(({ image, captions, split }) => ({
    image: [IMAGES, ...relative(root, image).split(sep)].join('/'),
    captions,
    split,
  }));
  await writeFolderAtomically(out, async (folder) => {
    await writeFile(join(folder, EXAMPLES), jsonLines(rows));
    await writeFile(join(folder, DROPPED), jsonLines(dropped));
    await writeFile(join(folder, REPORT), report);
    // On Windows, where other links need rights.
    await symlink(root, join(folder, IMAGES), 'junction');
  });
}

/**
 * Only a folder that an earlier preparation wrote is ever replaced, and none with pictures in it.
 * @throws `OUTPUT_UNWRITABLE` for any other that holds something, and for one in, around or in place of the data set's.
 */
export async function requirePreparationFolder(out: string, { root }: Pick<Dataset, 'root'>): Promise<void> {
  const [folder, pictures] = await Promise.all(
    [out, root].map((path) => realpath(path).catch(() => resolve(path))),
  );
  if (`${pictures}${sep}`.startsWith(`${folder}${sep}`)) {
    throw new LegendaError('OUTPUT_UNWRITABLE', {
      expected: 'a folder that the data set is not in',
      received: `${out}, with the data set in ${root}`,
      advice: 'name another: this one would be replaced, with the pictures in it',
    });
  }
  const found = await readdir(out).catch(() => []);
  const own = new Set([EXAMPLES, DROPPED, REPORT, IMAGES]);
  const links = await lstat(join(out, IMAGES)).catch(() => undefined);
  if (found.every((name) => own.has(name)) && links?.isSymbolicLink() !== false) return;
  throw new LegendaError('OUTPUT_UNWRITABLE', {
    expected: 'a folder that is new, empty, or was written by legenda prepare',
    received: `${out}, which holds ${found.sort().slice(0, 4).join(', ')}`,
    advice: 'name another folder: this one would be removed',
  });
}

function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
