import { access } from 'node:fs/promises';
import { format, parse } from 'node:path';
import type { CaptionedRow } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import { writeFileAtomically } from '../write-atomically.js';

/** The text file that belongs to a photo, as training tools expect it: `a/x.jpg` -> `a/x.txt`. */
export function sidecarOf(image: string): string {
  const { dir, name, root } = parse(image);
  return format({ root, dir, name, ext: '.txt' });
}

/** Whether the photo has a sidecar. */
export async function hasSidecar(image: string): Promise<boolean> {
  return access(sidecarOf(image)).then(
    () => true,
    () => false,
  );
}

/**
 * Writes the photo's captions to its sidecar, one a line.
 * @returns false if one is there already and `overwrite` is not asked for. @throws `OUTPUT_UNWRITABLE`.
 */
export async function writeSidecar(row: CaptionedRow, overwrite: boolean): Promise<boolean> {
  if (!overwrite && (await hasSidecar(row.image))) return false;
  const path = sidecarOf(row.image);
  try {
    await writeFileAtomically(path, `${row.captions.map(({ text }) => text).join('\n')}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LegendaError('OUTPUT_UNWRITABLE', { received: `${path} (${why})`, cause });
  }
  return true;
}
