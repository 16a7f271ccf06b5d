import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPreprocessQueue } from '../../src/jobs/preprocess-queue.js';
import { createTrainQueue } from '../../src/jobs/train-queue.js';
import { noBrowser, startBrowser } from '../support/browser.js';
import { type RunningCommand, startCommand } from '../support/command.js';
import { PretendTraining } from '../support/pretend-training.js';
import { noRedis, TestRedis } from '../support/redis.js';
import { photoBytes, TOKEN } from '../support/test-server.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';
import { TestWorker } from '../support/worker.js';

describe.skipIf(noBrowser || noRedis)("the page's jobs (no Chromium or no redis-server is installed)", () => {
  let folder: string;
  let redis: TestRedis;
  let server: RunningCommand;
  let address: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-page-jobs-'));
    await writeTinyBundle(folder);
    redis = await TestRedis.start();
    const flags = ['--port', '0', '--model', folder, '--redis', redis.url, '--token', TOKEN];
    server = startCommand(['serve', ...flags]);
    [address = ''] = await server.lines(1);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server?.signal('SIGTERM');
    await server?.finished;
    await redis?.remove();
    await rm(folder, { recursive: true });
  });

  async function openJobs(): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${address}/#jobs`);
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    return page;
  }

  async function add(job: object): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const body = JSON.stringify(job);
    const answer = await fetch(`${address}/v1/jobs`, { method: 'POST', headers, body });
    expect(answer.status).toBe(202);
  }

  it('are shown with their progress as it happens, and can be cancelled and their results saved', async () => {
    const base64 = (await photoBytes(1)).toString('base64');
    await add({ images: [{ base64 }], delay: 600_000 });
    // A long one is done in parts, which are not jobs of their own to whoever asked for it.
    await add({ images: Array.from({ length: 120 }, (_, id) => ({ id: `${id}`, base64 })) });
    const page = await openJobs();
    const long = page.locator('.job', { hasText: '120 photos' });
    await long.getByText('0 of 120').waitFor();
    expect(await page.locator('.job').count()).toBe(2);
    const delayed = page.locator('.job', { hasText: '1 photo' });
    await delayed.getByRole('button', { name: 'Cancel' }).click();
    await delayed.waitFor({ state: 'detached' });

    const worker = await TestWorker.start(['--redis', redis.url, '--model', folder]);
    onTestFinished(async () => void (await worker.stop()));
    await long.getByText('completed').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      long.getByRole('button', { name: 'Results' }).click(),
    ]);
    const rows = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(120);
    expect(JSON.parse(rows[119] ?? '')).toMatchObject({ image: '119', caption: expect.any(String) });
  });

  it('are trainings too: how far each is, and where its model is', async () => {
    const trainings = await createTrainQueue({ redis: redis.url });
    const id = await trainings.add({ name: 'birds', data: ['/data/birds'] });
    const training = await PretendTraining.start(redis.url);
    onTestFinished(() => training.stop());
    const page = await openJobs();
    const shown = page.locator('.job', { hasText: 'Training of birds' });
    await shown.getByText('30 of 120').waitFor();
    await shown.getByText('stage decoder, loss 2.500, birds 0.412, 2 min left').waitFor();
    training.finish();
    await shown.getByText('completed').waitFor();
    await shown.getByText('/srv/runs/birds/model, CIDEr-D 0.500').waitFor();
    expect(await shown.getByRole('button').count()).toBe(0);
    await trainings.cancel(id);
    await shown.waitFor({ state: 'detached' });
    await trainings.close();
  });

  it('are preparations of data sets too', async () => {
    const preparations = await createPreprocessQueue({ redis: redis.url });
    await preparations.add({ name: 'birds', data: '/data/birds' });
    const page = await openJobs();
    const shown = page.locator('.job', { hasText: 'Preparation of birds' });
    await shown.getByText('waiting').waitFor();
    await shown.getByRole('button', { name: 'Cancel' }).click();
    await shown.waitFor({ state: 'detached' });
    await preparations.close();
  });

  it('are tried again where they failed, if they may be added here', async () => {
    const trainings = await createTrainQueue({ redis: redis.url });
    const training = await trainings.add({ name: 'fish', data: ['/data/fish'] });
    await add({ images: [{ base64: (await photoBytes(1)).toString('base64') }], model: 'nothing' });
    const both = ['--queues', 'caption,train', '--root', folder, '--runs', join(folder, 'runs')];
    const worker = await TestWorker.start(['--redis', redis.url, '--model', folder, ...both]);
    const page = await openJobs();
    const photo = page.locator('.job', { hasText: '1 photo' });
    const fish = page.locator('.job', { hasText: 'Training of fish' });
    await photo.getByText('no model of this name').waitFor();
    await fish.getByText('PATH_FORBIDDEN').or(fish.getByText('allow its folder with --root')).waitFor();
    await worker.stop();
    await photo.getByRole('button', { name: 'Try again' }).click();
    await photo.getByText('waiting', { exact: true }).waitFor();
    await photo.getByRole('button', { name: 'Cancel' }).click();
    await fish.getByRole('button', { name: 'Try again' }).click();
    await fish.getByText('start the server with --queues caption,train').waitFor();
    await trainings.cancel(training);
    await trainings.close();
  });

  it('leave connections for the rest of the page, however many they are', async () => {
    const base64 = (await photoBytes(1)).toString('base64');
    const images = Array.from({ length: 101 }, () => ({ base64 }));
    for (let i = 0; i < 7; i++) await add({ images });
    const page = await openJobs();
    const waiting = page.locator('.job', { hasText: '0 of 101' });
    await waiting.nth(6).waitFor();
    await waiting.first().getByRole('button', { name: 'Cancel' }).click();
    await waiting.nth(6).waitFor({ state: 'detached' });
    expect(await waiting.count()).toBe(6);
  });
});
