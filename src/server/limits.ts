/** What one client may take of the server. Each stands in docs/api.md with its reason. */
export interface Limits {
  /** Bytes of a request's body. @defaultValue 32 MiB: several photos of a phone. */
  readonly bodyBytes: number;
  /** Bytes of all bodies under way; past it requests are asked to come again. @defaultValue 8 bodies */
  readonly bodyBytesUnderWay: number;
  /** Requests of a client (an address) in a minute; 0 for any number. @defaultValue 1200 */
  readonly requestsPerMinute: number;
  /** Images of a request. @defaultValue 100 */
  readonly images: number;
  /** Milliseconds for a request's headers, and for all of it: whoever sends a byte a minute is cut off. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** Open connections. @defaultValue 1024 */
  readonly connections: number;
}

const BODY_BYTES = 32 * 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: BODY_BYTES,
  bodyBytesUnderWay: 8 * BODY_BYTES,
  requestsPerMinute: 1200,
  images: 100,
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  connections: 1024,
};
