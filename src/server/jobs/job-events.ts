import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { AnyStatus } from '../../jobs/job-status.js';
import type { WaitOptions } from '../../jobs/watch-job.js';

/** Proxies close connections on which nothing is said for long, many after a minute. */
const HEARTBEAT_MS = 20_000;

/**
 * Answers with a job's progress as server-sent events, each time that it changed, until it is over or nobody listens.
 * @param watch follows the job, as `JobQueue.wait` does.
 */
export function streamProgress(
  reply: FastifyReply,
  closing: AbortSignal,
  watch: (options: WaitOptions<AnyStatus>) => Promise<AnyStatus>,
): FastifyReply {
  const stream = new PassThrough();
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  let last = '';
  const onProgress = (status: AnyStatus) => {
    const text = JSON.stringify(status);
    if (text !== last) stream.write(`event: progress\ndata: ${text}\n\n`);
    last = text;
  };
  watch({ signal: AbortSignal.any([closing, gone.signal]), onProgress })
    // What ends the watching early ends the stream: the client asks again, and is told why.
    .catch(() => {})
    .finally(() => {
      clearInterval(heartbeat);
      stream.end();
    });
  // Nothing follows on this connection: one that was kept would hold up a server that stops.
  return reply.type('text/event-stream').header('connection', 'close').send(stream);
}
