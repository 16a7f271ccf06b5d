import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import type { TrainingProgress } from '../../src/training/progress.js';
import { RunFolder } from '../../src/training/run-folder.js';
import { RunReport } from '../../src/training/run-report.js';
import { writePhoto } from '../fixtures/datasets.js';
import { noBrowser, startBrowser } from '../support/browser.js';

const configuration = trainingConfigurationSchema.parse({ name: 'a <b>bold</b> model' });
const progress: TrainingProgress = {
  stage: 'cider',
  step: 10,
  totalSteps: 30,
  optimiserSteps: 10,
  lossSum: 0,
  lossCount: 0,
  history: (['decoder', 'endToEnd', 'cider'] as const).map((stage, index) => ({
    stage,
    epoch: 1,
    totalSteps: 10 * (index + 1),
    loss: 3 - index,
    devCiderD: { photos: 0.1 + index / 10 },
    samples: { 'photos/1': `A caption after stage ${stage}.`, 'photos/2': '<script>alert(1)</script>' },
  })),
  best: { score: 0.3, stage: 'cider', epoch: 1 },
};
const leftOut = {
  'missing image': ['gone.jpg'],
  IMAGE_BROKEN: ['torn & worn.jpg'],
  'empty caption': ['7', '9'],
};
const data = {
  datasets: [
    {
      name: 'photos',
      format: 'text-folder',
      images: { train: 6000, dev: 1000, test: 0 },
      captions: { train: 30_000, dev: 5000, test: 0 },
      leftOut,
    },
  ],
  captions: 30_000,
  captionsCut: 12,
  words: 5324,
};

let folder: string;
let run: RunFolder;
let page: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-report-'));
  await writePhoto(join(folder, 'photo.jpg'));
  run = await RunFolder.open(join(folder, 'run'), false);
  for (let totalSteps = 1; totalSteps <= 30; totalSteps++) {
    const stage = (['decoder', 'endToEnd', 'cider'] as const)[Math.floor((totalSteps - 1) / 10)] as string;
    const step = ((totalSteps - 1) % 10) + 1;
    const report = { epoch: 1, epochs: 1, steps: 10, imagesPerSecond: 9, secondsLeft: 1, learningRate: 1e-3 };
    await run.log(totalSteps, {
      ...report,
      stage,
      step,
      loss: 4 - totalSteps / 10,
      gradientNorm: totalSteps,
    });
  }
  const samples = ['photos/1', 'photos/2'].map((name) => {
    return { name, image: join(folder, 'photo.jpg'), captions: ['A person wrote this.'] };
  });
  await new RunReport(run, data, samples).write({ configuration, progress });
  page = await readFile(join(folder, 'run', 'report.html'), 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the report of a run', () => {
  it('shows for each sample what was written after every epoch, and by people', () => {
    for (const stage of ['decoder', 'endToEnd', 'cider'])
      expect(page).toContain(`A caption after stage ${stage}.`);
    expect(page).toContain('A person wrote this.');
  });

  it('names everything that was left out, by its reason', () => {
    for (const [reason, ids] of Object.entries(leftOut)) {
      expect(page).toContain(`${ids.length} left out, ${reason}`);
      for (const id of ids) expect(page).toContain(id.replace('&', '&amp;'));
    }
    expect(page).toContain('12 of them are cut off');
  });

  it('takes names and captions for text', () => {
    expect(page).toContain('a &lt;b&gt;bold&lt;/b&gt; model');
    expect(page).not.toContain('<script');
  });

  it('is there as data too', async () => {
    const report = JSON.parse(await readFile(join(folder, 'run', 'report.json'), 'utf8'));
    expect(report).toMatchObject({
      history: progress.history,
      best: progress.best,
      data,
      configuration: { seed: 1 },
    });
  });

  it.skipIf(noBrowser)(
    'shows its pictures and curves in a browser, and asks nobody for anything',
    async () => {
      const browser = await startBrowser();
      try {
        const view = await browser.newPage();
        const asked: string[] = [];
        const complaints: string[] = [];
        view.on('request', (request) => asked.push(request.url()));
        view.on('console', (message) => complaints.push(message.text()));
        const address = pathToFileURL(join(folder, 'run', 'report.html')).href;
        await view.goto(address);
        expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([address]);
        expect(complaints).toEqual([]);
        // Loss, dev score, gradient, learning rates (two lines), reward.
        expect(await view.locator('svg').count()).toBe(5);
        expect(await view.locator('polyline').count()).toBe(6);
        const widths = await view
          .locator('img')
          .evaluateAll((images) =>
            images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
          );
        expect(widths).toHaveLength(2);
        for (const width of widths) expect(width).toBeGreaterThan(0);
      } finally {
        await browser.close();
      }
    },
  );
});
