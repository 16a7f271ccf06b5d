import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type ErrorCode, LegendaError } from '../errors.js';
import { guardOf, pathOf, type Roots } from './allowed-path.js';

/** A TF.js GraphModel's model.json, as far as it names other files. */
const graphModelSchema = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

/**
 * The real path of a model or an encoder that is below one of the folders with all of its files: neither links in it nor the weights
 * that a GraphModel names lead elsewhere.
 * @throws `PATH_FORBIDDEN`; `ENCODER_INVALID` for a .json that is no GraphModel; the code given where there is nothing.
 */
export async function allowedModel(path: string, roots: Roots, otherwise: ErrorCode): Promise<string> {
  const real = await pathOf(path, roots, otherwise);
  const guard = guardOf(roots);
  for (const file of await filesOf(real)) await guard(file);
  return real;
}

/** Those that may lie elsewhere. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return path.endsWith('.json') ? weightFilesOf(path) : [];
  return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => join(path, name));
}

async function weightFilesOf(modelJson: string): Promise<string[]> {
  try {
    const { weightsManifest } = graphModelSchema.parse(JSON.parse(await readFile(modelJson, 'utf8')));
    return weightsManifest.flatMap(({ paths }) => paths.map((path) => join(dirname(modelJson), path)));
  } catch (cause) {
    throw new LegendaError('ENCODER_INVALID', {
      expected: "a TF.js GraphModel's model.json with its weight files beside it",
      received: modelJson,
      cause,
    });
  }
}
