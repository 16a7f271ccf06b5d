import { ensureProgram, findProgram } from './programs.mjs';

const REDIS = { name: 'Redis', commands: ['redis-server'], package: 'redis-server' };

/** The path of redis-server, if there is one. */
export const findRedis = () => findProgram(REDIS);

/** Makes redis-server ready for tests. @param {(text: string) => void} say */
export const ensureRedis = (say) => ensureProgram(REDIS, say);
