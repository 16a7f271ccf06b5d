import { setTimeout as wait } from 'node:timers/promises';
import type { Telemetry } from 'bullmq';

export interface OpenTelemetry {
  /** For BullMQ; undefined where this program was started without OpenTelemetry. */
  readonly telemetry: Telemetry | undefined;
  /** What lacks, in a line. */
  readonly warning: string | undefined;
  /** Sends what the SDK would send later: a command may end before. */
  flush(): Promise<void>;
}

interface Provider {
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}

/** Where OpenTelemetry's API, of whatever version 1, keeps the providers of the SDK that a program was started with. */
const STARTED = Symbol.for('opentelemetry.js.api.1');

/** How long a program waits for the receiver of its traces when it ends, milliseconds. */
const PATIENCE = 2000;

/** Traces and counts jobs where OpenTelemetry was started (`node --import`) before. */
export async function findTelemetry(): Promise<OpenTelemetry> {
  const started = (globalThis as { [STARTED]?: { trace?: Provider; metrics?: Provider } })[STARTED];
  if (started === undefined) return { telemetry: undefined, warning: undefined, flush: async () => {} };
  const flush = async () => {
    const providers = [started.trace?.getDelegate?.() ?? started.trace, started.metrics];
    const sent = Promise.allSettled(providers.map((provider) => provider?.forceFlush?.()));
    const over = new AbortController();
    const late = wait(PATIENCE, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([sent, late]);
    over.abort();
  };
  try {
    const { BullMQOtel } = await import('bullmq-otel');
    const telemetry = new BullMQOtel({ tracerName: 'legenda', meterName: 'legenda', enableMetrics: true });
    forgive(telemetry);
    return { telemetry, warning: undefined, flush };
  } catch {
    const warning = 'OpenTelemetry is started, but jobs are not traced: install the package bullmq-otel';
    return { telemetry: undefined, warning, flush };
  }
}

/** Has a job whose trace is written wrongly begin a trace of its own; it would end the worker. */
function forgive({ contextManager }: Telemetry): void {
  const read = contextManager.fromMetadata.bind(contextManager);
  contextManager.fromMetadata = (active, metadata) => {
    try {
      return read(active, metadata);
    } catch {
      return active;
    }
  };
}
