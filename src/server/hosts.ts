import ipaddr from 'ipaddr.js';

/** Whether only this machine can reach a host: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const bare = host.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}

/** Whether a host is this machine's own or an address: a name that another site's page was made to lead here is neither. */
export function cannotBeRebound(host: string): boolean {
  return isLoopback(host) || ipaddr.isValid(host.replace(/^\[|\]$/g, ''));
}

/** The host of a header `Host` or `Origin`, without its port; undefined for what is none. */
export function hostIn(header: string): string | undefined {
  const address = header.includes('://') ? header : `http://${header}`;
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}
