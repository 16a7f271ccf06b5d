import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CaptionRow } from '../../captioner/index.js';
import { LegendaError } from '../../errors.js';
import type { CaptionQueue } from '../../jobs/caption-queue.js';
import type { JobStatus } from '../../jobs/job-status.js';
import type { Operation, Operations } from '../operation.js';
import { checked } from '../problem.js';
import { streamProgress } from './job-events.js';
import {
  cancelledSchema,
  jobListSchema,
  jobParametersSchema,
  jobRequestSchema,
  jobStatusSchema,
  LISTED_STATES,
  listQuerySchema,
} from './job-schemas.js';
import { soon } from './soon.js';

/** Beyond so many images a job is spread over the workers. */
const SPREAD = 100;
const LISTED = 50;

const json = (schema: z.ZodType) => ({ 'application/json': schema });

const addJob: Operation = {
  method: 'POST',
  path: '/v1/jobs',
  id: 'addJob',
  summary: 'Has photos captioned by the workers of the queue',
  body: json(jobRequestSchema),
  answers: {
    202: { description: 'It waits; Location tells where to ask for it', content: json(jobStatusSchema) },
  },
  failures: ['JOB_INVALID', 'REDIS_UNAVAILABLE'],
};

const listJobs: Operation = {
  method: 'GET',
  path: '/v1/jobs',
  id: 'listJobs',
  summary: 'Jobs, the latest first',
  query: listQuerySchema,
  answers: { 200: { description: 'The jobs', content: json(jobListSchema) } },
  failures: ['REDIS_UNAVAILABLE'],
};

const ofJob = {
  parameters: jobParametersSchema,
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
  summary: 'The rows of a job that is over, in the order of its images',
  answers: {
    200: {
      description: 'A row a line, as the command line writes them',
      content: { 'application/jsonl': z.string() },
    },
  },
  failures: [...ofJob.failures, 'JOB_NOT_OVER'],
};

/** @param closing aborted when the server stops: progress is then followed no longer. */
export function addJobRoutes(operations: Operations, queue: CaptionQueue, closing: AbortSignal): void {
  operations.add(addJob, async ({ body }, reply) => {
    const { priority, delay, deduplicate, ...job } = checked(jobRequestSchema, body, 'a caption job');
    const when = { priority, delay };
    const spread = job.images.length > SPREAD && job.callback === undefined && deduplicate !== true;
    const adding = spread ? queue.addAll(job, when) : queue.add(job, { ...when, deduplicate });
    // Whoever is told to come again adds it again. One that may be another's stays: it is found then.
    const takeBack = async ({ id }: JobStatus) => deduplicate !== true && queue.cancel(id);
    const status = await soon(
      adding.then((id) => queue.status(id)),
      takeBack,
    );
    void reply.code(202).header('location', `/v1/jobs/${encodeURIComponent(status.id)}`);
    return status;
  });
  operations.add(listJobs, async ({ query }) => {
    const { state, limit = LISTED } = checked(listQuerySchema, query, 'a state and a limit');
    return { jobs: await soon(queue.list(state === undefined ? LISTED_STATES : [state], limit)) };
  });
  operations.add(showJob, (request) => soon(queue.status(idOf(request))));
  operations.add(cancelJob, async (request) => {
    const id = idOf(request);
    return { id, outcome: await soon(queue.cancel(id)) };
  });
  operations.add(followJob, async (request, reply) => {
    const id = idOf(request);
    await soon(queue.status(id));
    return streamProgress(reply, closing, (watching) => queue.wait(id, watching));
  });
  operations.add(tellResults, async (request, reply) => {
    const id = idOf(request);
    const { state } = await soon(queue.status(id));
    if (state !== 'completed' && state !== 'failed') {
      throw new LegendaError('JOB_NOT_OVER', { received: `${id}, which is ${state}`, advice: 'wait for it' });
    }
    return reply.type('application/jsonl').send(Readable.from(lines(queue.rows(id))));
  });
}

function idOf({ params }: FastifyRequest): string {
  return checked(jobParametersSchema, params, 'the id of a job').id;
}

async function* lines(rows: AsyncIterable<CaptionRow>): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
