import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '../training/checkpoint.js';

/** The checkpoint that a path means: itself, or of a run's folder the best one, or else the latest. */
export async function findCheckpoint(path: string): Promise<string> {
  const exists = (folder: string) =>
    access(join(folder, 'configuration.json')).then(
      () => true,
      () => false,
    );
  if (await exists(path)) return path;
  const best = join(path, 'best');
  if (await exists(best)) return best;
  return (await latestCheckpoint(join(path, 'checkpoints'))) ?? path;
}
