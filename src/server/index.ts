export { DEFAULT_LIMITS, type Limits } from './limits.js';
export { openLog } from './request-log.js';
export { type RunningServer, type StartOptions, startServer } from './start.js';
export { tokensIn } from './tokens.js';
