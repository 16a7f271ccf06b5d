import { createHmac } from 'node:crypto';
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { LegendaError } from '../errors.js';
import { checkedRequest } from './checked-request.js';
import { CAPTION_QUEUE, type CaptionJob, type CaptionResult } from './contract.js';
import { readFailure } from './job-failure.js';
import { tellable } from './public-address.js';
import type { RedisConnection } from './redis-connection.js';

/** A queue of its own, so that a receiver that is away holds up no captions, and no callback is lost with its worker. */
const CALLBACK_QUEUE = 'legenda-callback';

/** Tried at once, then after 1, 2, 4 … seconds: over an hour in all. */
const TRIES = { attempts: 12, backoff: { type: 'exponential', delay: 1000 } };

/** How long a receiver may take, milliseconds. */
const PATIENCE = 10_000;

export interface CallbackOptions {
  /** What bodies are signed with. */
  readonly secret: string;
  readonly allowPrivateAddresses: boolean;
  readonly log: Logger;
}

interface Callback {
  /** The caption job. */
  readonly job: string;
  /** When it was begun, which tells this outcome from that of another attempt. */
  readonly begun: number;
  readonly url: string;
}

/** Sends the outcomes of jobs to the addresses that they name. */
export class Callbacks {
  private readonly queue: Queue<Callback>;
  private readonly captions: Queue<CaptionJob, CaptionResult>;
  private readonly worker: Worker<Callback>;

  constructor(
    { bullmq }: RedisConnection,
    private readonly options: CallbackOptions,
  ) {
    this.queue = new Queue(CALLBACK_QUEUE, bullmq);
    this.captions = new Queue(CAPTION_QUEUE, bullmq);
    this.worker = new Worker(CALLBACK_QUEUE, (job) => this.send(job), { ...bullmq, concurrency: 16 });
    // That Redis is away is told by the worker of the captions.
    const quiet = () => {};
    this.queue.on('error', quiet);
    this.captions.on('error', quiet);
    this.worker.on('error', quiet);
    this.worker.on('failed', (job, error) => {
      const given = job?.finishedOn === undefined ? 'callback failed: will try again' : 'callback given up';
      options.log.warn({ job: job?.data.job, attempt: job?.attemptsMade, error: error.message }, given);
    });
  }

  /**
   * Has a job's outcome sent as soon as it is over; once, however often this is asked for.
   * @param begun when the job was, milliseconds since 1970: one that is done again is told of again.
   */
  async add(job: string, begun: number, url: string): Promise<void> {
    const kept = { removeOnComplete: { age: 24 * 3600 }, removeOnFail: { age: 7 * 24 * 3600, count: 1000 } };
    // The job is over a moment later.
    const jobId = `of-${job}-${begun}`;
    await this.queue.add('callback', { job, begun, url }, { jobId, delay: 100, ...TRIES, ...kept });
  }

  async close(): Promise<void> {
    await this.worker.close();
    await this.queue.close();
    await this.captions.close();
  }

  private async send({ data }: Job<Callback>): Promise<void> {
    const body = await this.bodyOf(data);
    // The attempt that ended the job sends it.
    if (body === undefined) return;
    const url = new URL(data.url);
    const timestamp = Math.floor(Date.now() / 1000).toString();
    try {
      const response = await checkedRequest(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': `${data.job}-${data.begun}`,
          'legenda-timestamp': timestamp,
          'legenda-signature': sign(this.options.secret, timestamp, body),
        },
        body,
        allowPrivate: this.options.allowPrivateAddresses,
        signal: AbortSignal.timeout(PATIENCE),
      });
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299)
        throw new Error(`the answer ${statusCode} of ${tellable(url)}`);
    } catch (error) {
      const final = error instanceof LegendaError && error.code === 'URL_FORBIDDEN';
      throw final ? new UnrecoverableError(error.message) : error;
    }
    this.options.log.info({ job: data.job, to: tellable(url) }, 'callback sent');
  }

  /** The same each time. Undefined where the job was begun again meanwhile. */
  private async bodyOf({ job: id, begun }: Callback): Promise<string | undefined> {
    const job = await this.captions.getJob(id);
    if (job === undefined) throw new UnrecoverableError(`the job ${id} is gone`);
    if (job.finishedOn === undefined) throw new Error(`the job ${id} is not over`);
    if (job.processedOn !== begun) return undefined;
    const outcome = job.failedReason
      ? { state: 'failed', error: readFailure(job.failedReason) }
      : { state: 'completed', results: job.returnvalue.results };
    return JSON.stringify({ version: 1, job: id, ...outcome });
  }
}

/** HMAC-SHA256 of the timestamp, a dot and the body: a receiver refuses old timestamps, and so bodies sent again by others. */
function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
