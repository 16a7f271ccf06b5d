import type { Logger } from 'pino';
import type { RedisConnection } from './redis-connection.js';

/** Says once that Redis is away, not each time that it still is; and when it is back. */
export class ConnectionLog {
  private unreachable = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly log: Logger,
  ) {
    connection.redis.on('ready', () => this.found());
  }

  lost(error: Error): void {
    if (this.unreachable) return;
    this.unreachable = !this.connection.redis.isReady;
    this.log.error({ error: error.message }, this.unreachable ? 'Redis is away: waiting for it' : 'error');
  }

  found(): void {
    if (this.unreachable) this.log.info('Redis is back');
    this.unreachable = false;
  }
}
