import { Option } from 'commander';
import { DEFAULT_REDIS } from '../jobs/default-redis.js';

/** Where the queue is. From the environment too, since it may hold a password. */
export function redisOption(): Option {
  return new Option('--redis <url>', 'where Redis is').env('LEGENDA_REDIS').default(DEFAULT_REDIS);
}
