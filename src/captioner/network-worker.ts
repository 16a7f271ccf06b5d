// A thread of a captioner: opens the network and runs it on each batch that it is sent. See `network-thread.ts`.
import { stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Graphs } from '../bundle/graph-files.js';
import { asLegendaError } from '../errors.js';
import { ExitLock } from './exit-lock.js';
import type { LocalNetwork } from './local-network.js';
import type { Answer, Order } from './network-thread.js';
import type { Sessions } from './sessions.js';

if (parentPort === null) throw new Error('this file is run by a thread of its own');
const port = parentPort;
const lock = new ExitLock(workerData as SharedArrayBuffer);
/** Loaded with the lock held: a thread that is stopped while it loads a native library takes the process down too. */
const native = lock.hold(async () => {
  const [{ LocalNetwork }, sessions] = await Promise.all([
    import('./local-network.js'),
    import('./sessions.js'),
  ]);
  return { LocalNetwork, ...sessions };
});
let network: LocalNetwork | undefined;
/** Graphs that were opened before it was told to. */
let expected: { readonly files: string; readonly sessions: Sessions } | undefined;

async function follow(order: Order): Promise<Answer | undefined> {
  const { LocalNetwork, openSessions } = await native;
  if (order.kind === 'open') {
    network = await LocalNetwork.open(order.model, sessionsOf(order.model));
    return { kind: 'opened' };
  }
  if (order.kind === 'expect') {
    // What is wrong with them is told to whoever opens them.
    const files = await filesOf(order.graphs).catch(() => undefined);
    const sessions =
      files === undefined ? undefined : await openSessions(order.graphs).catch(() => undefined);
    expected = files === undefined || sessions === undefined ? undefined : { files, sessions };
    return { kind: 'opened' };
  }
  if (order.kind === 'close') {
    await network?.close();
    port.close();
    return undefined;
  }
  if (network === undefined) throw new Error('the network is not open');
  return { kind: 'seen', images: await network.see(pictures(order), order.wanted) };
}

/** The sessions of these graphs: those that were opened before, if the files are still the same. */
async function sessionsOf(graphs: Graphs): Promise<Sessions> {
  const { closeSessions, openSessions } = await native;
  const opened = expected;
  expected = undefined;
  if (opened === undefined) return openSessions(graphs);
  if (opened.files === (await filesOf(graphs).catch(() => undefined))) return opened.sessions;
  await closeSessions(opened.sessions);
  return openSessions(graphs);
}

/** Which files the graphs are: another text for others, also at the same place. */
async function filesOf({ encoderPath, decoderPath }: Graphs): Promise<string> {
  const stats = await Promise.all([stat(encoderPath), stat(decoderPath)]);
  return stats.map(({ dev, ino, size, mtimeMs }) => [dev, ino, size, mtimeMs].join(' ')).join('\n');
}

function pictures({ pixels, count }: Extract<Order, { kind: 'see' }>): Uint8Array[] {
  const length = pixels.length / count;
  return Array.from({ length: count }, (_, image) => pixels.subarray(image * length, (image + 1) * length));
}

function failure(cause: unknown): Answer {
  const { code, details } = asLegendaError(cause);
  return { kind: 'failed', code, details };
}

// One after the other: to close in the middle of a batch would break it.
let last: Promise<unknown> = native;
port.on('message', (order: Order) => {
  last = last.then(async () => {
    const answer = await lock.hold(() => follow(order)).catch(failure);
    if (answer !== undefined) port.postMessage(answer);
  });
});
