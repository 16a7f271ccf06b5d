import { createHash } from 'node:crypto';
import { cp, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomically } from '../write-atomically.js';
import type { Bundle } from './load-bundle.js';
import { MANIFEST, type Manifest, type SearchDefaults } from './manifest.js';

/** What changes in a bundle that is written anew. */
export interface BundleChanges {
  /** Files changed or added, names and contents, or removed where there is no content. */
  readonly files: Readonly<Record<string, string | Uint8Array | undefined>>;
  /** Metrics changed or added. */
  readonly metrics?: Manifest['metrics'];
  readonly search?: SearchDefaults;
}

/** Writes a bundle anew in its place; all that does not change in its folder stays as it is. @throws `OUTPUT_UNWRITABLE`. */
export async function rewriteBundle(
  { directory, manifest }: Bundle,
  { files, metrics = {}, search = manifest.search }: BundleChanges,
): Promise<void> {
  const listed = new Map(Object.entries(manifest.files));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) listed.delete(name);
    else {
      const sha256 = createHash('sha256').update(content).digest('hex');
      listed.set(name, { size: Buffer.byteLength(content), sha256 });
    }
  }
  const changed: Manifest = {
    ...manifest,
    search,
    metrics: { ...manifest.metrics, ...metrics },
    files: Object.fromEntries(listed),
  };
  // The folder itself, where the path is a link to it or a dot; with what others may have put into it.
  const place = await realpath(directory);
  await writeFolderAtomically(place, async (folder) => {
    await cp(place, folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      if (content === undefined) await rm(join(folder, name), { force: true });
      else await writeFile(join(folder, name), content);
    }
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(changed, null, 2)}\n`);
  });
}
