// A thread of a captioner: opens the network and runs it on each batch that it is sent. See `network-thread.ts`.
import { parentPort, workerData } from 'node:worker_threads';
import { asLegendaError } from '../errors.js';
import { ExitLock } from './exit-lock.js';
import { LocalNetwork } from './local-network.js';
import type { Answer, Order } from './network-thread.js';

if (parentPort === null) throw new Error('this file is run by a thread of its own');
const port = parentPort;
const lock = new ExitLock(workerData as SharedArrayBuffer);
let network: LocalNetwork | undefined;

async function follow(order: Order): Promise<Answer | undefined> {
  if (order.kind === 'open') {
    network = await LocalNetwork.open(order.model);
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

function pictures({ pixels, count }: Extract<Order, { kind: 'see' }>): Uint8Array[] {
  const length = pixels.length / count;
  return Array.from({ length: count }, (_, image) => pixels.subarray(image * length, (image + 1) * length));
}

function failure(cause: unknown): Answer {
  const { code, details } = asLegendaError(cause);
  return { kind: 'failed', code, details };
}

// One after the other: to close in the middle of a batch would break it.
let last = Promise.resolve();
port.on('message', (order: Order) => {
  last = last.then(async () => {
    const answer = await lock.hold(() => follow(order)).catch(failure);
    if (answer !== undefined) port.postMessage(answer);
  });
});
