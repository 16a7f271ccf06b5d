import { fileURLToPath } from 'node:url';

/** The model that the package carries. */
export const DEFAULT_MODEL = fileURLToPath(new URL('../../models/default', import.meta.url));
