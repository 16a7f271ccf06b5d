import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { checkedLookup } from './public-address.js';

export interface CheckedRequest {
  /** @defaultValue GET */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether addresses of this machine and of private networks may be asked. */
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** Of our own, so that every connection kept open in them is to an address that was checked. */
const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

/**
 * Sends a request to an address that is checked first, and to no other: redirects are not followed.
 * @throws `URL_FORBIDDEN`, `DOWNLOAD_FAILED` where the host is not known, and what the network says.
 */
export async function checkedRequest(url: URL, what: CheckedRequest): Promise<IncomingMessage> {
  const { method = 'GET', headers, body, allowPrivate, signal } = what;
  const lookup = await checkedLookup(url, allowPrivate, signal);
  const options = { method, lookup, headers: { 'user-agent': 'legenda', ...headers }, signal };
  const request =
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, agent: httpsAgent })
      : requestHttp(url, { ...options, agent: httpAgent });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}
