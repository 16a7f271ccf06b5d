import type { FastifyReply, FastifyRequest } from 'fastify';
import { LegendaError } from '../errors.js';
import { cannotBeRebound, hostIn } from './hosts.js';
import type { Tokens } from './tokens.js';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a web page of another site asks for through its visitor's browser: requests that change something, and,
 * where no token is needed, any under a name that was made to lead here (DNS rebinding).
 * @param names the hosts' names that it may be asked by, besides localhost and addresses; any if undefined.
 * @throws `REQUEST_MALFORMED`, `FOREIGN_SITE`.
 */
export function refuseForeign(
  { headers, method }: FastifyRequest,
  names: ReadonlySet<string> | undefined,
): void {
  const host = hostIn(headers.host ?? '');
  if (host === undefined) {
    throw new LegendaError('REQUEST_MALFORMED', { expected: 'the header Host', received: 'none' });
  }
  if (names !== undefined && !names.has(host) && !cannotBeRebound(host)) {
    throw new LegendaError('FOREIGN_SITE', {
      expected: 'localhost or an IP address as the host',
      received: host,
      advice: 'start the server with a token, or --allow-host, to reach it by other names',
    });
  }
  if (SAFE.has(method)) return;
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  const elsewhere = origin !== undefined && origin.replace(/^https?:\/\//, '') !== headers.host;
  if (!elsewhere && (site === 'none' || site === 'same-origin')) return;
  throw new LegendaError('FOREIGN_SITE', {
    expected: "a request of this server's own page, or of a program",
    received: `one of ${origin ?? 'another site'}`,
  });
}

/** @throws `TOKEN_REFUSED`, with the header that tells a client how to give one. */
export function requireToken(request: FastifyRequest, reply: FastifyReply, tokens: Tokens): void {
  if (!tokens.needed || tokens.accept(request.headers.authorization)) return;
  // A browser asks its user for a password only where it is told that one would do.
  const scheme = request.url.startsWith('/board') ? 'Basic' : 'Bearer';
  void reply.header('www-authenticate', `${scheme} realm="legenda"`);
  throw new LegendaError('TOKEN_REFUSED', {
    expected: 'the header Authorization: Bearer TOKEN',
    received: request.headers.authorization === undefined ? 'none' : 'another',
  });
}
