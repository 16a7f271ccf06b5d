// Not from the folder's index, which also loads what only writes bundles and takes a fifth of a command's start.
import { loadBundle } from '../bundle/load-bundle.js';
import { Captioner } from './captioner.js';
import { openSessions } from './sessions.js';

export interface LoadOptions {
  /** Cores that the network may use. @defaultValue all */
  readonly threads?: number;
}

/**
 * Opens a trained model for captioning; the command's default is the one in Legenda's own `models/default`.
 * @param modelDirectory a bundle's folder.
 * @throws `BUNDLE_NOT_FOUND`, `BUNDLE_BROKEN` naming the file, `BUNDLE_VERSION`.
 */
export async function loadCaptioner(modelDirectory: string, options: LoadOptions = {}): Promise<Captioner> {
  const bundle = await loadBundle(modelDirectory);
  return new Captioner(bundle, await openSessions(bundle, options.threads));
}
