import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Isolated from '../../src/jobs/isolated-captioner.js';
import { pictures } from '../fixtures/images.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let model: string;
let captioner: Isolated.IsolatedCaptioner;
beforeAll(async () => {
  model = await mkdtemp(join(tmpdir(), 'legenda-isolated-'));
  await writeTinyBundle(model);
  // Compiled: the other process is.
  const built = new URL('../../dist/jobs/isolated-captioner.js', import.meta.url).href;
  const { IsolatedCaptioner } = (await import(built)) as typeof Isolated;
  captioner = new IsolatedCaptioner('tiny', model);
}, 60_000);
afterAll(async () => {
  captioner?.close();
  await rm(model, { recursive: true });
});

const process = () => (captioner as unknown as { readonly child: ChildProcess }).child;

async function* one() {
  yield (await pictures['plain.jpg']?.()) ?? '';
}

async function captionOne() {
  const rows = [];
  for await (const row of captioner.captionAll(one())) rows.push(row);
  expect(rows).toMatchObject([{ model: 'tiny' }]);
}

it('a process that ends while it is idle is replaced for the next images', async () => {
  await captionOne();
  const idle = process();
  idle.kill('SIGKILL');
  await once(idle, 'exit');
  await captionOne();
}, 30_000);

it('a process that fails as one that cannot be started crashes its job only', async () => {
  await captionOne();
  const broken = process();
  const under = captionOne();
  await new Promise((resolve) => setImmediate(resolve));
  broken.emit('error', new Error('spawn EAGAIN'));
  await expect(under).rejects.toMatchObject({
    code: 'JOB_CRASHED',
    received: expect.stringContaining('EAGAIN'),
  });
  broken.kill('SIGKILL');
  await captionOne();
}, 30_000);
