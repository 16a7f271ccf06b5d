import type { IncomingMessage } from 'node:http';
import { LegendaError } from '../errors.js';
import { checkedRequest } from './checked-request.js';
import { tellable } from './public-address.js';

export interface DownloadOptions {
  readonly mostBytes: number;
  /** For all of it, redirects too; milliseconds. */
  readonly timeout: number;
  /** Whether addresses of this machine and of private networks may be fetched. */
  readonly allowPrivate: boolean;
  readonly signal?: AbortSignal | undefined;
}

const MOST_REDIRECTS = 3;

const HEADERS = { accept: 'image/*', 'accept-encoding': 'identity' };

/**
 * The bytes at an address. Redirects are followed three times at most, each checked as the address itself.
 * @throws `URL_FORBIDDEN`, `DOWNLOAD_FAILED`, `IMAGE_TOO_LARGE`; the signal's reason when it is aborted.
 */
export async function download(address: string, options: DownloadOptions): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(options.timeout);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let url = new URL(address);
  try {
    for (let redirects = 0; ; redirects++) {
      const { allowPrivate } = options;
      const response = await checkedRequest(url, { headers: HEADERS, allowPrivate, signal });
      const next = redirectOf(response, url);
      if (next === undefined) return await read(response, url, options.mostBytes);
      response.destroy();
      if (redirects === MOST_REDIRECTS) throw failed(url, `more than ${MOST_REDIRECTS} redirects`);
      url = next;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (timeout.aborted) throw failed(url, `no whole answer in ${options.timeout / 1000} s`, error);
    if (error instanceof LegendaError) throw error;
    throw failed(url, error instanceof Error ? error.message : String(error), error);
  }
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, url.href)) throw failed(url, 'a redirect to nowhere');
  return new URL(location, url);
}

async function read(response: IncomingMessage, url: URL, mostBytes: number): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw failed(url, `the answer ${response.statusCode} ${response.statusMessage ?? ''}`.trim());
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  // The length that is announced need not be true, nor be there.
  if (Number(response.headers['content-length']) > mostBytes)
    length = Number(response.headers['content-length']);
  else {
    for await (const part of response as AsyncIterable<Uint8Array>) {
      parts.push(part);
      length += part.length;
      if (length > mostBytes) break;
    }
  }
  if (length > mostBytes) {
    response.destroy();
    throw tooLarge(tellable(url), mostBytes);
  }
  return Buffer.concat(parts, length);
}

/** The error that an image of too many bytes deserves: `IMAGE_TOO_LARGE`. @param name how to call it. */
export function tooLarge(name: string, mostBytes: number): LegendaError {
  return new LegendaError('IMAGE_TOO_LARGE', {
    expected: `at most ${mostBytes} bytes`,
    received: `more, from ${name}`,
    advice: 'make it smaller',
  });
}

function failed(url: URL, what: string, cause?: unknown): LegendaError {
  return new LegendaError('DOWNLOAD_FAILED', {
    expected: 'an image',
    received: `${what} from ${tellable(url)}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
