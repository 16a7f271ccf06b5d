import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LegendaError } from '../errors.js';
import { asRequestError, PROBLEM_TYPE, problemOf } from './problem.js';

/** Seconds after which a client that met these may come again. */
const RETRY_AFTER = { OVERLOADED: 1, QUEUE_FULL: 5, REDIS_UNAVAILABLE: 5, STOPPING: 5 } as Readonly<
  Record<string, number>
>;

/** Answers a failed request with its problem. */
export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = withType(asRequestError(error), request);
  const problem = problemOf(known, request.id);
  if (problem.status === 500) request.log.error({ err: error }, 'a request failed');
  const after = RETRY_AFTER[known.code];
  if (after !== undefined) void reply.header('retry-after', after);
  const { raw } = request;
  // What is left of a body that was begun holds up the connection's next request, and a server that stops.
  if (problem.status === 413 || problem.status === 408 || (raw.readableDidRead && !raw.complete)) {
    void reply.header('connection', 'close');
    raw.unpipe().resume();
  }
  request.failure = known.code;
  return reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem);
}

/** Fastify does not say which type of body it did not know. */
function withType(error: LegendaError, { headers }: FastifyRequest): LegendaError {
  if (error.code !== 'REQUEST_TYPE_UNSUPPORTED') return error;
  return new LegendaError(error.code, {
    expected: 'application/json, or of photos a form (multipart/form-data)',
    received: headers['content-type'] ?? 'no content-type',
    advice: 'with curl: --json, or -F image=@photo.jpg',
    cause: error,
  });
}

/**
 * Refuses requests for addresses and methods that there are not, without reading their bodies. Call it before the first route
 * is added, and after what is asked of every request.
 */
export function refuseUnknown(app: FastifyInstance): void {
  const methods = new Map<string, { readonly pattern: RegExp; readonly names: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? { pattern: patternOf(url), names: new Set() };
    for (const name of [method].flat()) known.names.add(name);
    methods.set(url, known);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const [path = '/'] = request.url.split('?', 1);
    const here = [...methods.values()].filter(({ pattern }) => pattern.test(path));
    if (here.length === 0) throw new LegendaError('ADDRESS_UNKNOWN', { advice: 'see /openapi.json' });
    const allowed = here.flatMap(({ names }) => [...names]).join(', ');
    void reply.header('allow', allowed);
    throw new LegendaError('METHOD_NOT_ALLOWED', { expected: allowed, received: request.method });
  });
}

/** Answers what is no HTTP, or comes too slowly, before there is a request: on the bare socket. */
export function answerBrokenConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(brokenConnection(error));
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function brokenConnection({ code, message }: NodeJS.ErrnoException): LegendaError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new LegendaError('REQUEST_TIMEOUT');
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new LegendaError('REQUEST_TOO_LARGE', { received: 'headers of more than 16 KiB' });
  }
  return new LegendaError('REQUEST_MALFORMED', { received: message });
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+').replace(/\*/g, '.*')}$`);
}
