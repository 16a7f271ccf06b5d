import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCaptioner } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import { IsolatedCaptioner } from './isolated-captioner.js';
import type { WorkerModel } from './process-caption-job.js';
import { SharedBatches } from './shared-batches.js';

export interface WorkerModels {
  readonly models: ReadonlyMap<string, WorkerModel>;
  close(): Promise<void>;
}

/**
 * Opens models by their folders.
 * @throws `USAGE` for two of the same name, and what `loadCaptioner` throws.
 */
export async function openWorkerModels(directories: readonly string[]): Promise<WorkerModels> {
  const models = new Map<string, WorkerModel>();
  const closing: (() => unknown)[] = [];
  for (const directory of directories) {
    const captioner = await loadCaptioner(directory);
    const name = captioner.model;
    if (models.has(name)) {
      throw new LegendaError('USAGE', {
        expected: 'models of different names',
        received: `two named ${name}`,
      });
    }
    const isolated = new IsolatedCaptioner(name, directory);
    closing.push(
      () => isolated.close(),
      () => captioner.close(),
    );
    // It names the checksums of all other files.
    const manifest = await readFile(join(directory, 'manifest.json'));
    models.set(name, {
      name,
      digest: createHash('sha256').update(manifest).digest('hex'),
      // The queue holds back what is too much.
      batches: new SharedBatches(captioner, { mostWaiting: Number.POSITIVE_INFINITY }),
      isolated: new SharedBatches(isolated, { mostWaiting: Number.POSITIVE_INFINITY }),
    });
  }
  return {
    models,
    close: async () => {
      for (const close of closing) await close();
    },
  };
}
