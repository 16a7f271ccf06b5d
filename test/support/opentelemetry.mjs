// Stands for an OpenTelemetry SDK (node --import): spans that ended are lines on standard error, when it is told to flush.
import { randomBytes } from 'node:crypto';
import { propagation, trace } from '@opentelemetry/api';

/** @type {object[]} */
const ended = [];
const provider = {
  getTracer: () => ({ startSpan, startActiveSpan }),
  async forceFlush() {
    for (const span of ended.splice(0)) process.stderr.write(`${JSON.stringify(span)}\n`);
  },
};
trace.setGlobalTracerProvider(provider);

/** @type {import('@opentelemetry/api').Tracer['startSpan']} */
function startSpan(name, _options, context) {
  const parent = context && trace.getSpanContext(context);
  const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
  const span = trace.wrapSpanContext({ traceId, spanId: randomBytes(8).toString('hex'), traceFlags: 1 });
  span.end = () => {
    ended.push({ msg: 'span', name, traceId, spanId: span.spanContext().spanId, parent: parent?.spanId });
  };
  return span;
}

/** @returns {never} */
function startActiveSpan() {
  throw new Error('not needed');
}

propagation.setGlobalPropagator({
  inject(context, carrier, setter) {
    const span = trace.getSpanContext(context);
    if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract(context, carrier, getter) {
    const [, traceId, spanId] = String(getter.get(carrier, 'traceparent')).split('-');
    if (traceId === undefined || spanId === undefined) return context;
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
  fields: () => ['traceparent'],
});
