import { createHash } from 'node:crypto';
import { cp, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomically } from '../write-atomically.js';
import type { Bundle } from './load-bundle.js';
import { MANIFEST, type Manifest } from './manifest.js';

/**
 * Writes a bundle anew in its place, with files changed or added and metrics added; all else in its folder stays as it is.
 * @param files names and contents. @throws `OUTPUT_UNWRITABLE`.
 */
export async function rewriteBundle(
  { directory, manifest }: Bundle,
  files: Readonly<Record<string, string>>,
  metrics: Manifest['metrics'],
): Promise<void> {
  const entries = Object.entries(files).map(([name, content]) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [name, { size: Buffer.byteLength(content), sha256 }] as const;
  });
  const changed: Manifest = {
    ...manifest,
    metrics: { ...manifest.metrics, ...metrics },
    files: { ...manifest.files, ...Object.fromEntries(entries) },
  };
  // The folder itself, where the path is a link to it or a dot; with what others may have put into it.
  const place = await realpath(directory);
  await writeFolderAtomically(place, async (folder) => {
    await cp(place, folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(changed, null, 2)}\n`);
  });
}
