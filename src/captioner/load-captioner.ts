// Not from the folder's index, which also loads what only writes bundles and takes a fifth of a command's start.
import { loadBundle } from '../bundle/load-bundle.js';
import { Captioner } from './captioner.js';
import { readConfidence } from './confidence.js';
import { DEFAULT_MODEL } from './default-model.js';
import { openSessions } from './sessions.js';

export interface LoadOptions {
  /** Cores that the network may use. @defaultValue all */
  readonly threads?: number;
}

/**
 * Opens a trained model for captioning.
 * @param modelDirectory a bundle's folder. @defaultValue the model that comes with Legenda
 * @throws `BUNDLE_NOT_FOUND`, `BUNDLE_BROKEN` naming the file, `BUNDLE_VERSION`.
 */
export async function loadCaptioner(
  modelDirectory = DEFAULT_MODEL,
  options: LoadOptions = {},
): Promise<Captioner> {
  const bundle = await loadBundle(modelDirectory);
  const confidence = await readConfidence(bundle);
  return new Captioner(bundle, await openSessions(bundle, options.threads), confidence);
}
