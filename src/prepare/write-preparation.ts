import { symlink, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { EXAMPLES } from '../datasets/index.js';
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
 * @throws `OUTPUT_UNWRITABLE`.
 */
export async function writePreparation(out: string, preparation: Preparation): Promise<void> {
  const { root, examples, dropped } = preparation.dataset;
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

function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
