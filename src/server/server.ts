import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { LegendaError } from '../errors.js';
import { Admission } from './admission.js';
import { tooLarge } from './captions/caption-request.js';
import { addCaptionRoutes } from './captions/caption-routes.js';
import type { CaptionService } from './captions/caption-service.js';
import { answerBrokenConnection, answerFailure, refuseUnknown } from './failures.js';
import { refuseForeign, requireToken } from './guard.js';
import { addHealthRoutes } from './health-routes.js';
import type { ServedJobs } from './jobs/served-jobs.js';
import type { Limits } from './limits.js';
import { addMetricsRoute, type Metrics } from './metrics.js';
import { addModelRoutes } from './model-routes.js';
import { addOpenapiRoute } from './openapi-route.js';
import { Operations } from './operation.js';
import { addPageRoutes } from './page-routes.js';
import { logRequests } from './request-log.js';
import type { Tokens } from './tokens.js';

export interface ServerOptions {
  readonly captions: CaptionService;
  readonly metrics: Metrics;
  /** The queue, if there is one. */
  readonly jobs: ServedJobs | undefined;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly log: FastifyBaseLogger;
  /** The names that it may be asked by where no token is needed, besides localhost and addresses. */
  readonly allowHosts: readonly string[];
  /** Whether a proxy in front tells who asks, as the last address of `X-Forwarded-For`. */
  readonly trustProxy: boolean;
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** The HTTP server, not yet listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { captions, jobs, limits, metrics } = options;
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: limits.bodyBytes,
    genReqId: () => randomUUID(),
    // What stands before the last address of X-Forwarded-For is what the client itself wrote there.
    trustProxy: options.trustProxy && ((_, hop) => hop === 0),
    requestTimeout: limits.requestTimeout,
    // Those that come while it stops are answered below, in the one form of failures.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Node's own answer to a request without a host has no body.
    http: {
      headersTimeout: limits.headersTimeout,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false,
    },
    clientErrorHandler: answerBrokenConnection,
    frameworkErrors: (error, request, reply) => void answerFailure(error, request, reply),
  });
  app.server.maxConnections = limits.connections;
  app.setErrorHandler(answerFailure);
  app.removeContentTypeParser('text/plain');
  logRequests(app);
  metrics.watch(app);
  await app.register(multipart, { limits: { fields: 10, fieldSize: 64 * 1024 } });
  await app.register(rateLimit, { global: false });
  refuseWhileStopping(app);
  guard(app, options);
  refuseUnknown(app);
  app.addHook('preClose', async () => jobs?.stopFollowing());
  app.addHook('onClose', async () => {
    await captions.close();
    await jobs?.close();
  });

  const operations = new Operations(app);
  addCaptionRoutes(operations, captions, limits, metrics);
  addModelRoutes(operations, captions.models);
  addHealthRoutes(operations, { jobs: jobs !== undefined, check: async () => jobs?.check() });
  addMetricsRoute(operations, metrics);
  await jobs?.addTo(app, operations, metrics);
  addOpenapiRoute(operations);
  addPageRoutes(app);
  return app;
}

/** Answers requests that come on open connections after the server was told to stop, and ends those connections. */
function refuseWhileStopping(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onRequest', async () => {
    if (stopping) throw new LegendaError('STOPPING');
  });
  app.addHook('onSend', async (_, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
}

/** What every request must pass before its body is read. */
function guard(app: FastifyInstance, { tokens, limits, allowHosts }: ServerOptions): void {
  const rate = app.createRateLimit({ max: limits.requestsPerMinute, timeWindow: 60_000 });
  const names = tokens.needed ? undefined : new Set(allowHosts.map((name) => name.toLowerCase()));
  const admission = new Admission(limits.bodyBytesUnderWay);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...HEADERS, 'cache-control': 'no-store', 'x-request-id': request.id });
    if (limits.requestsPerMinute > 0) {
      const found = await rate(request);
      if (!found.isAllowed && found.isExceeded) {
        void reply.header('retry-after', found.ttlInSeconds);
        throw new LegendaError('TOO_MANY_REQUESTS', {
          expected: `at most ${limits.requestsPerMinute} a minute`,
          advice: `come again in ${found.ttlInSeconds} s`,
        });
      }
    }
    refuseForeign(request, names);
    if (request.routeOptions.config.open !== true) requireToken(request, reply, tokens);
    const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
    const bytes = chunked === undefined ? Number(length ?? 0) : limits.bodyBytes;
    if (bytes > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
    if (bytes > 0) reply.raw.once('close', admission.enter(bytes));
  });
}
