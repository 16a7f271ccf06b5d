import { LegendaError } from '../errors.js';

/** The oldest version that BullMQ recommends. */
const OLDEST = [6, 2] as const;

/**
 * Checks by what Redis says of itself that it is fit for a queue.
 * @param info the answer to its command INFO. @param where how messages call it.
 * @returns what it should have and lacks, a line each.
 * @throws `REDIS_UNFIT` for what would lose jobs: an old version, a policy that throws keys away when memory is full, a
 *   replica, a cluster.
 */
export function checkFitness(info: string, where: string): string[] {
  const says = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const [name, value] = line.split(':');
    if (name !== undefined && value !== undefined) says.set(name, value);
  }
  const unfit = (expected: string, received: string, advice: string) =>
    new LegendaError('REDIS_UNFIT', { expected, received: `${where} with ${received}`, advice });

  const version = says.get('redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw unfit(`version ${OLDEST.join('.')} or newer`, `version ${version}`, 'install a newer Redis');
  }
  const policy = says.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    throw unfit(
      'maxmemory-policy noeviction, since another throws jobs away when memory is full',
      policy,
      'redis-cli CONFIG SET maxmemory-policy noeviction',
    );
  }
  if (says.get('redis_mode') === 'cluster') {
    throw unfit('a single Redis', 'cluster mode', 'use one that is not a cluster');
  }
  if ((says.get('role') ?? 'master') !== 'master') {
    throw unfit('a Redis that takes writes', 'the role of a replica', 'name its master');
  }
  if (says.get('aof_enabled') === '1') return [];
  return [
    `${where} keeps no log of what it is told (appendonly no): if it crashes, the jobs since its last snapshot are lost; ` +
      'redis-cli CONFIG SET appendonly yes',
  ];
}
