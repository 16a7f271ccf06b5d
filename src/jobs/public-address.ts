import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { LegendaError } from '../errors.js';
import { orAborted } from './or-aborted.js';

/** Public by its number, but answered by the host of a cloud machine: Azure's. */
const HOSTS_OWN = new Set(['168.63.129.16']);

/** IPv4 in IPv6 as it was written once; that some systems still take `::7f00:1` for 127.0.0.1 is enough. */
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');

/**
 * Whether an IP address is one of the open internet: not this machine, a private network, link-local (where clouds keep a
 * machine's secrets), a tunnel or translation to such, or reserved.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // process() takes an IPv4 address out of its IPv6 form.
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(IPV4_COMPATIBLE)) return false;
  return parsed.range() === 'unicast' && !HOSTS_OWN.has(parsed.toString());
}

/** The part of an address that may be told: no password, and no query, which may hold a key. */
export function tellable(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * Looks up where an address leads, once, and checks it.
 * @returns a look-up for the connection that gives what was checked, so that a name that leads elsewhere a moment later changes
 *   nothing.
 * @throws `URL_FORBIDDEN` for another protocol, a password in it or, unless allowed, any IP address that is not public;
 *   `DOWNLOAD_FAILED` where the name is not known.
 */
export async function checkedLookup(
  url: URL,
  allowPrivate: boolean,
  signal: AbortSignal,
): Promise<LookupFunction> {
  const forbid = (received: string, advice?: string) =>
    new LegendaError('URL_FORBIDDEN', {
      expected: 'an http or https address of the open internet',
      received,
      ...(advice === undefined ? {} : { advice }),
    });
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw forbid(`one that begins with ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw forbid(`${tellable(url)} with a user or password`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await orAborted(lookup(host, { all: true }), signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new LegendaError('DOWNLOAD_FAILED', {
      expected: 'a host that can be found',
      received: url.host,
      advice: 'check the address',
      cause,
    });
  });
  if (!allowPrivate && !found.every(({ address }) => isPublicAddress(address))) {
    // Not the IP address: who may not go there need not learn how a network is numbered.
    throw forbid(`${url.host}, which leads to a private network`, 'have the worker allow private addresses');
  }
  return (_host, options, done) => {
    const [first] = found;
    if (options.all) done(null, found);
    else if (first !== undefined) done(null, first.address, first.family);
    else done(new Error(`no address of ${host}`), '');
  };
}
