import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CaptionRow } from '../../captioner/index.js';
import { LegendaError } from '../../errors.js';
import { CaptionQueue } from '../../jobs/caption-queue.js';
import type { JobQueues } from '../../jobs/job-queues.js';
import type { AnyStatus } from '../../jobs/job-status.js';
import { QUEUES } from '../../jobs/queue-names.js';
import type { Operation, Operations } from '../operation.js';
import { checked } from '../problem.js';
import { streamProgress } from './job-events.js';
import {
  cancelledSchema,
  jobListSchema,
  jobParametersSchema,
  jobQuerySchema,
  jobStatusSchema,
  LISTED_STATES,
  listQuerySchema,
} from './job-schemas.js';
import { soon } from './soon.js';

const LISTED = 50;

const json = (schema: z.ZodType) => ({ 'application/json': schema });

const listJobs: Operation = {
  method: 'GET',
  path: '/v1/jobs',
  id: 'listJobs',
  summary: 'Jobs, the latest first',
  query: listQuerySchema,
  answers: { 200: { description: 'The jobs', content: json(jobListSchema) } },
  failures: ['REDIS_UNAVAILABLE'],
};

export const ofJob = {
  parameters: jobParametersSchema,
  query: jobQuerySchema,
  failures: ['JOB_NOT_FOUND', 'REQUEST_INVALID', 'REDIS_UNAVAILABLE'],
} as const;

const showJob: Operation = {
  ...ofJob,
  method: 'GET',
  path: '/v1/jobs/:id',
  id: 'showJob',
  summary: 'How far a job is',
  answers: { 200: { description: 'The job', content: json(jobStatusSchema) } },
};

const cancelJob: Operation = {
  ...ofJob,
  method: 'DELETE',
  path: '/v1/jobs/:id',
  id: 'cancelJob',
  summary: 'Takes a job back, or forgets one that is over',
  answers: { 200: { description: 'What becomes of it', content: json(cancelledSchema) } },
};

const followJob: Operation = {
  ...ofJob,
  method: 'GET',
  path: '/v1/jobs/:id/events',
  id: 'followJob',
  summary: 'The progress of a job, as it happens, until it is over',
  answers: {
    200: {
      description:
        'Server-sent events named progress; the data of each is the job as GET /v1/jobs/{id} gives it',
      content: { 'text/event-stream': z.unknown() },
    },
  },
};

const tellResults: Operation = {
  ...ofJob,
  method: 'GET',
  path: '/v1/jobs/:id/results',
  id: 'tellResults',
  summary: 'The rows of a caption job that is over, in the order of its images',
  answers: {
    200: {
      description: 'A row a line, as the command line writes them',
      content: { 'application/jsonl': z.string() },
    },
  },
  failures: [...ofJob.failures, 'JOB_NOT_OVER'],
};

/** The routes of jobs that there are. @param closing aborted when the server stops: progress is then followed no longer. */
export function addJobRoutes(operations: Operations, queues: JobQueues, closing: AbortSignal): void {
  operations.add(listJobs, async ({ query }) => {
    const { queue, state, limit = LISTED } = checked(listQuerySchema, query, 'a queue, a state and a limit');
    const states = state === undefined ? LISTED_STATES : [state];
    return { jobs: await soon(queues.list(states, limit, queue === undefined ? QUEUES : [queue])) };
  });
  operations.add(showJob, (request) => {
    const { id, queue } = jobOf(request, queues);
    return soon<AnyStatus>(queue.status(id));
  });
  operations.add(cancelJob, async (request) => {
    const { id, queue } = jobOf(request, queues);
    return { id, outcome: await soon(queue.cancel(id)) };
  });
  operations.add(followJob, async (request, reply) => {
    const { id, queue } = jobOf(request, queues);
    await soon<AnyStatus>(queue.status(id));
    return streamProgress(reply, closing, (watching) => queue.wait(id, watching));
  });
  operations.add(tellResults, async (request, reply) => {
    const { id, queue } = jobOf(request, queues);
    const { state, queue: kind } = await soon<AnyStatus>(queue.status(id));
    if (!(queue instanceof CaptionQueue)) {
      throw new LegendaError('REQUEST_INVALID', {
        expected: 'a caption job',
        received: `${id}, a ${kind} job`,
        advice: 'GET /v1/jobs/{id} has its result',
      });
    }
    if (state !== 'completed' && state !== 'failed') {
      throw new LegendaError('JOB_NOT_OVER', { received: `${id}, which is ${state}`, advice: 'wait for it' });
    }
    return reply.type('application/jsonl').send(Readable.from(lines(queue.rows(id))));
  });
}

export function jobOf({ params, query }: FastifyRequest, queues: JobQueues) {
  const { id } = checked(jobParametersSchema, params, 'the id of a job');
  return { id, queue: queues.of(id, checked(jobQuerySchema, query, 'a queue').queue) };
}

async function* lines(rows: AsyncIterable<CaptionRow>): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
