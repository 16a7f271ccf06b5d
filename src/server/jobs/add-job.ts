import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import type { JobQueues } from '../../jobs/job-queues.js';
import type { AnyStatus } from '../../jobs/job-status.js';
import type { QueueName } from '../../jobs/queue-names.js';
import type { Operation, Operations } from '../operation.js';
import { checked } from '../problem.js';
import { jobOf, ofJob } from './job-routes.js';
import { jobKindSchema, jobRequestSchemas, jobStatusSchema } from './job-schemas.js';
import { soon } from './soon.js';

/** Beyond so many images a job is spread over the workers. */
const SPREAD = 100;

type JobRequest = z.infer<(typeof jobRequestSchemas)[QueueName]>;

const addJob = (kinds: readonly QueueName[]): Operation => ({
  method: 'POST',
  path: '/v1/jobs',
  id: 'addJob',
  summary: 'Has photos captioned, a model trained or a data set prepared by the workers of the queue',
  body: { 'application/json': z.union(kinds.map((kind) => jobRequestSchemas[kind])) },
  answers: {
    202: {
      description: 'It waits; Location tells where to ask for it',
      content: { 'application/json': jobStatusSchema },
    },
  },
  failures: ['JOB_INVALID', 'CONFIGURATION_INVALID', 'REDIS_UNAVAILABLE'],
});

const retryJob: Operation = {
  ...ofJob,
  method: 'POST',
  path: '/v1/jobs/:id/retry',
  id: 'retryJob',
  summary: 'Has a job that failed or was cancelled done again; a training goes on from its last checkpoint',
  answers: { 202: { description: 'It waits again', content: { 'application/json': jobStatusSchema } } },
  failures: [...ofJob.failures, 'JOB_INVALID'],
};

/** @param kinds the jobs that may be added, or done again. */
export function addAddingRoutes(
  operations: Operations,
  queues: JobQueues,
  kinds: readonly QueueName[],
): void {
  operations.add(addJob(kinds), async ({ body }, reply) => {
    const { queue } = checked(jobKindSchema, body, 'a job');
    requireKind(queue, kinds);
    const request = checked<JobRequest>(jobRequestSchemas[queue], body, `a ${queue} job`);
    const added = add(request, queues).then((id): Promise<AnyStatus> => queues[queue].status(id));
    // Whoever is told to come again adds it again. One that may be another's stays: it is found then.
    const shared = 'deduplicate' in request && request.deduplicate === true;
    const status = await soon(added, async ({ id }) => shared || queues[queue].cancel(id));
    void reply.code(202).header('location', `/v1/jobs/${encodeURIComponent(status.id)}`);
    return status;
  });
  operations.add(retryJob, async (request, reply) => {
    const { id, queue } = jobOf(request, queues);
    requireKind((await soon<AnyStatus>(queue.status(id))).queue, kinds);
    await soon(queue.retry(id));
    void reply.code(202);
    return soon<AnyStatus>(queue.status(id));
  });
}

/** @returns the job's id. */
function add(request: JobRequest, queues: JobQueues): Promise<string> {
  const { priority, delay, ...asked } = request;
  const when = { priority, delay };
  if (asked.queue === 'train') {
    const { queue: _, ...job } = asked;
    return queues.train.add(job, when);
  }
  if (asked.queue === 'preprocess') {
    const { queue: _, ...job } = asked;
    return queues.preprocess.add(job, when);
  }
  const { queue: _, deduplicate, ...job } = asked;
  const spread = job.images.length > SPREAD && job.callback === undefined && deduplicate !== true;
  return spread ? queues.caption.addAll(job, when) : queues.caption.add(job, { ...when, deduplicate });
}

function requireKind(asked: QueueName, kinds: readonly QueueName[]): void {
  if (kinds.includes(asked)) return;
  throw new LegendaError('REQUEST_INVALID', {
    expected: `a job of a kind that may be added here: ${kinds.join(', ')}`,
    received: `a ${asked} job`,
    advice: `start the server with --queues ${[...kinds, asked].join(',')}`,
  });
}
