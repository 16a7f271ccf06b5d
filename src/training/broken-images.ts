import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { asLegendaError } from '../errors.js';
import { writeFileAtomically } from '../write-atomically.js';
import type { PixelLoader } from './pixels.js';

export interface BrokenImage {
  readonly image: string;
  readonly code: string;
  readonly message: string;
}

/** Pictures decoded at once. */
const AT_ONCE = 16;

/**
 * Decodes every picture once and gives those that cannot be, so that a damaged file does not end a run hours later. The
 * result is kept in a file, which a resumed run reads instead.
 */
export async function findBrokenImages(
  paths: readonly string[],
  loader: PixelLoader,
  file: string,
  signal?: AbortSignal,
): Promise<BrokenImage[]> {
  const key = createHash('sha256').update(paths.join('\n')).digest('hex');
  const kept = await readKept(file);
  if (kept?.checked === key) return kept.broken;
  const broken: BrokenImage[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    signal?.throwIfAborted();
    const checks = paths.slice(start, start + AT_ONCE).map(async (image) => {
      await loader.load(image).catch((error) => {
        const { code, message } = asLegendaError(error);
        broken.push({ image, code, message });
      });
    });
    await Promise.all(checks);
  }
  await writeFileAtomically(file, `${JSON.stringify({ checked: key, broken }, null, 1)}\n`);
  return broken;
}

/** Nothing where it is not there or damaged: then all are looked at again. */
async function readKept(file: string): Promise<{ checked: string; broken: BrokenImage[] } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
