import { createHash, timingSafeEqual } from 'node:crypto';
import { LegendaError } from '../errors.js';

/** A token that can be guessed is none. */
const SHORTEST = 16;

/**
 * The tokens that open the server. Only their digests are kept, and all are compared in full, so that neither a dump of the
 * memory nor the time of an answer tells of them.
 */
export class Tokens {
  private readonly digests: readonly Buffer[];

  /** @throws `USAGE` for a token of fewer than 16 characters. */
  constructor(tokens: readonly string[]) {
    for (const { length } of tokens) {
      if (length >= SHORTEST) continue;
      throw new LegendaError('USAGE', {
        expected: `tokens of at least ${SHORTEST} characters`,
        received: `one of ${length}`,
        advice: 'make one with: openssl rand -hex 32',
      });
    }
    this.digests = tokens.map(digest);
  }

  /** Whether a token is needed at all. */
  get needed(): boolean {
    return this.digests.length > 0;
  }

  /** Whether a header `Authorization` has one of them: as bearer, or as the password that a browser asks for. */
  accept(authorization = ''): boolean {
    const given = digest(tokenIn(authorization));
    let found = false;
    for (const known of this.digests) found = timingSafeEqual(known, given) || found;
    return found;
  }
}

/** The tokens of a list as an environment variable has it: divided by commas or white space. */
export function tokensIn(list = ''): string[] {
  return list.split(/[\s,]+/).filter((token) => token !== '');
}

function tokenIn(authorization: string): string {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
