import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import type { ErrorCode } from '../errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code that it failed with. */
    failure: ErrorCode | undefined;
  }
}

/** The server's log: a JSON object a line on standard error. */
export function openLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/**
 * A line for each request that was answered: what was asked for and what came of it. Never headers, queries or bodies, in
 * which tokens and photos are.
 */
export function logRequests(app: FastifyInstance): void {
  app.decorateRequest('failure', undefined);
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?', 1);
    const { method, ip, failure } = request;
    const line = { method, path, status: reply.statusCode, from: ip, code: failure };
    request.log.info({ ...line, milliseconds: Math.round(reply.elapsedTime) }, 'answered');
  });
}
