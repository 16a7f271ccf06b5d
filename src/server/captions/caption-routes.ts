import type { FastifyReply } from 'fastify';
import { captionResultSchema } from '../../jobs/contract.js';
import type { Limits } from '../limits.js';
import type { Metrics } from '../metrics.js';
import type { Operation, Operations } from '../operation.js';
import { captionFormSchema, captionRequestSchema, readCaptionRequest } from './caption-request.js';
import type { CaptionService } from './caption-service.js';

const captionPhotos: Operation = {
  method: 'POST',
  path: '/v1/captions',
  id: 'captionPhotos',
  summary: 'Captions photos, and answers when all are done',
  body: { 'application/json': captionRequestSchema, 'multipart/form-data': captionFormSchema },
  answers: {
    200: {
      description:
        'A row for each photo, in their order; one that could not be captioned has its error in its row',
      content: { 'application/json': captionResultSchema },
    },
  },
  failures: ['CONFIGURATION_INVALID', 'MODEL_UNKNOWN', 'QUEUE_FULL'],
};

export function addCaptionRoutes(
  operations: Operations,
  service: CaptionService,
  limits: Limits,
  metrics: Metrics,
): void {
  operations.add(captionPhotos, async (request, reply) => {
    const gone = whenGone(reply);
    const question = await readCaptionRequest(request, limits);
    const results = await service.caption(question, gone);
    metrics.countRows(results);
    return { version: 1, results };
  });
}

/** Aborted when the client goes away before it has its answer: nobody wants the captions then. */
function whenGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('the client is gone'));
  });
  return controller.signal;
}
