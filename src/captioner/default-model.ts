import { fileURLToPath } from 'node:url';

/** The folder of the model that comes with Legenda. */
export const DEFAULT_MODEL = fileURLToPath(new URL('../../models/default', import.meta.url));
