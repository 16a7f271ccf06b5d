import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { type CaptionRow, isCaptioned } from '../captioner/index.js';
import type { Operation, Operations } from './operation.js';

export interface Figure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is counted, for Prometheus. One for each server. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'legenda_http_request_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  private readonly images = new Counter({
    name: 'legenda_images_total',
    help: 'Images that were answered: captioned, withheld (below the minimum confidence), or failed',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: 'legenda_failures_total',
    help: 'Failed requests and failed images, by the code of their error',
    labelNames: ['of', 'code'],
    registers: [this.registry],
  });
  private readonly batches = new Histogram({
    name: 'legenda_batch_images',
    help: 'Images that went through the network at once',
    labelNames: ['model'],
    buckets: [1, 2, 4, 8, 16, 32],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts every request that the server answers, under its route: addresses that there are not are all one. */
  watch(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const { method, failure, routeOptions } = request;
      const labels = { method, route: routeOptions.url ?? 'none', status: String(reply.statusCode) };
      this.requests.observe(labels, reply.elapsedTime / 1000);
      if (failure !== undefined) this.failures.inc({ of: 'request', code: failure });
    });
  }

  countRows(rows: readonly CaptionRow[]): void {
    for (const row of rows) {
      const outcome = 'error' in row ? 'failed' : isCaptioned(row) ? 'captioned' : 'withheld';
      this.images.inc({ outcome });
      if ('error' in row) this.failures.inc({ of: 'image', code: row.error.code });
    }
  }

  countBatch(model: string, images: number): void {
    this.batches.observe({ model }, images);
  }

  /** Adds a figure that is read when the metrics are. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Adds a figure for each set of labels; while they cannot be read there are none. */
  gauges(name: string, help: string, labelNames: readonly string[], read: () => Promise<Figure[]>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { labels, value } of await read().catch(() => [])) this.set(labels, value);
      },
    });
  }
}

const tellMetrics: Operation = {
  method: 'GET',
  path: '/metrics',
  id: 'tellMetrics',
  summary: 'Counts and times, for Prometheus',
  answers: { 200: { description: 'The text format of Prometheus', content: { 'text/plain': z.string() } } },
};

export function addMetricsRoute(operations: Operations, { registry }: Metrics): void {
  operations.add(tellMetrics, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
