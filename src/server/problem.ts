import { z } from 'zod';
import { type ErrorCode, errorCodes, LegendaError } from '../errors.js';

/** The media type of every answer that tells of a failure: RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The HTTP status of a failed request; a code that is not here is the server's own mistake. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  REQUEST_MALFORMED: 400,
  TOKEN_REFUSED: 401,
  FOREIGN_SITE: 403,
  ADDRESS_UNKNOWN: 404,
  JOB_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  JOB_NOT_OVER: 409,
  REQUEST_TOO_LARGE: 413,
  REQUEST_TYPE_UNSUPPORTED: 415,
  REQUEST_INVALID: 422,
  JOB_INVALID: 422,
  CONFIGURATION_INVALID: 422,
  MODEL_UNKNOWN: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  OVERLOADED: 503,
  QUEUE_FULL: 503,
  REDIS_UNAVAILABLE: 503,
  STOPPING: 503,
};

const INTERNAL_STATUS = 500;

export const problemSchema = z
  .strictObject({
    type: z.string().describe('A URN of the code'),
    title: z.string().describe('What the code means'),
    status: z.int().describe('The HTTP status'),
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]).describe('As on the command line'),
    detail: z.string().describe('What was expected, what was received, what to do'),
    requestId: z.string().optional().describe("The request's number in the server's log"),
  })
  .describe('Why a request failed (RFC 9457)');

export type Problem = z.infer<typeof problemSchema>;

export function statusOf(code: ErrorCode): number {
  return STATUSES[code] ?? INTERNAL_STATUS;
}

/** What a client is told of an error: of the server's own mistakes nothing but that there was one. */
export function problemOf(error: LegendaError, requestId?: string): Problem {
  const status = statusOf(error.code);
  const told =
    status === INTERNAL_STATUS
      ? new LegendaError('INTERNAL', { advice: "see the server's log, under the request's number" })
      : error;
  return {
    type: `urn:legenda:error:${told.code}`,
    title: errorCodes[told.code],
    status,
    code: told.code,
    detail: told.message,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** Any error that a request may meet, Fastify's own among them, as one of Legenda's. */
export function asRequestError(error: unknown): LegendaError {
  if (error instanceof LegendaError) return error;
  const { statusCode = INTERNAL_STATUS } = error as { statusCode?: number };
  const message = error instanceof Error ? error.message : String(error);
  if (statusCode >= INTERNAL_STATUS || statusCode < 400) {
    return new LegendaError('INTERNAL', { received: message, cause: error });
  }
  const code = (Object.keys(STATUSES) as ErrorCode[]).find((known) => STATUSES[known] === statusCode);
  return new LegendaError(code ?? 'REQUEST_MALFORMED', { received: message, cause: error });
}

/** A value of a request, checked. @throws `REQUEST_INVALID` that says where it is wrong. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new LegendaError('REQUEST_INVALID', {
    expected: what,
    received: `${where}${issue.message}`,
    advice: 'see /openapi.json',
  });
}
