/** A Redis on this machine, as it is installed. */
export const DEFAULT_REDIS = 'redis://127.0.0.1:6379';
