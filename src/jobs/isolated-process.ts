// The other process of an IsolatedCaptioner. Its argument is the model's folder.
import { type ImageSource, loadCaptioner } from '../captioner/index.js';
import { asLegendaError } from '../errors.js';
import type { FromIsolated, ToIsolated } from './isolated-captioner.js';

const messages = receive();
const send = (message: FromIsolated) => process.send?.(message);
process.on('disconnect', () => process.exit());
// What the terminal sends to all reaches this one too, which ends with its worker.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

const loading = loadCaptioner(process.argv[2]);
for await (const message of messages) {
  if (message.kind !== 'begin') continue;
  try {
    const captioner = await loading;
    for await (const row of captioner.captionAll(images(), message.options)) send({ kind: 'row', row });
    send({ kind: 'done' });
  } catch (error) {
    const { code, details } = asLegendaError(error);
    send({ kind: 'failed', code, details });
  }
}

async function* images(): AsyncGenerator<ImageSource, void, undefined> {
  for (;;) {
    const { value } = await messages.next();
    if (value?.kind !== 'image') return;
    yield value.source;
  }
}

/** The messages as they come. */
function receive(): AsyncGenerator<ToIsolated, void, undefined> {
  const waiting: ToIsolated[] = [];
  let wake: () => void = () => {};
  process.on('message', (message: ToIsolated) => {
    waiting.push(message);
    wake();
  });
  return (async function* () {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  })();
}
