import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Captioner,
  type CaptionRow,
  evaluateCaptioner,
  isCaptioned,
  loadCaptioner,
} from '../../src/captioner/index.js';
import type { Example } from '../../src/datasets/index.js';
import { requireReportFolder, writeEvaluationReport } from '../../src/evaluation-report/index.js';
import { noBrowser, startBrowser } from '../support/browser.js';
import { type TinyOverrides, writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let examples: Example[];
let made = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-report-'));
  const colours = ['red', 'green', 'blue', 'white'];
  examples = colours.map((colour) => ({
    id: `${colour}.png`,
    image: join(root, `${colour}.png`),
    captions: [`A ${colour} dog.`, 'Two <b>people</b> & a ball.'],
    split: 'dev',
  }));
  for (const [index, { image }] of examples.entries()) {
    const background = colours[index] as string;
    await sharp({ create: { width: 40, height: 30, channels: 3, background } }).toFile(image);
  }
  const broken = { id: '<i>broken', image: join(root, 'broken.jpg') };
  await writeFile(broken.image, 'Dear reader,');
  examples.push({ ...broken, captions: ['A letter.'], split: 'dev' });
});
afterAll(() => rm(root, { recursive: true }));

/** Evaluates a tiny model and reports it. */
async function report(overrides: TinyOverrides = {}, meanwhile: () => Promise<void> = async () => {}) {
  const folder = join(root, `report-${++made}`);
  const captioner = await load(overrides);
  const images: { row: CaptionRow; example: Example }[] = [];
  const evaluation = await evaluateCaptioner(captioner, examples, {}, (row, example) => {
    images.push({ row, example });
  });
  await meanwhile();
  const found = {
    dataset: 'colours',
    split: 'dev',
    figures: { ciderD: 0.5, meteorVariant: 'some' },
    evaluation,
    images,
    dropped: [{ id: 'gone.jpg', reason: 'missing image' }],
  };
  await writeEvaluationReport(folder, captioner, found);
  await captioner.close();
  return { folder, images, page: await readFile(join(folder, 'evaluation.html'), 'utf8') };
}

async function load(overrides: TinyOverrides): Promise<Captioner> {
  const model = join(root, `model-${++made}`);
  await writeTinyBundle(model, overrides);
  return loadCaptioner(model, { threads: 1 });
}

describe('the report of an evaluation', () => {
  it('shows captions with their photos, references, scores and where the model looked, and the charts', async () => {
    const { folder, images, page } = await report();
    const photos = (await readdir(folder)).filter((name) => name.endsWith('.jpg'));
    expect(photos).toHaveLength(4);
    for (const { row, example } of images) {
      if (!isCaptioned(row)) continue;
      expect(page).toContain(`>${row.caption}</h3>`);
      expect(page).toContain(`<li lang="en" dir="auto">${example.captions[0]}</li>`);
    }
    // Each twice: of the best or the worst, and at random.
    expect(page.match(/<article>/g)).toHaveLength(8);
    expect(
      page.match(/CIDEr-D \d\.\d\d · METEOR \d\.\d\d · ROUGE-L \d\.\d\d · confidence \d+ %/g),
    ).toHaveLength(8);
    expect(page.match(/<details>/g)).toHaveLength(8);
    expect(page).toContain('class="map smooth"');
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page).toContain('<th scope="row">ciderD</th><td class="value">0.5</td>');
  });

  it('lists what is in no figure, with the reason', async () => {
    const { page } = await report();
    expect(page).toMatch(/<li>&lt;i&gt;broken: .*\[IMAGE_UNSUPPORTED\]<\/li>/);
    expect(page).toContain('<li>gone.jpg: missing image</li>');
  });

  it('asks no host for anything, and shows captions as they are written', async () => {
    const { folder, page } = await report();
    expect(page).not.toMatch(/<script|<b>people|<i>broken|https?:/);
    expect(page).toContain('Two &lt;b&gt;people&lt;/b&gt; &amp; a ball.');
    expect(page).toContain(`default-src 'none'`);
    for (const [, source = ''] of page.matchAll(/src="(.*?)"/g)) {
      if (!source.startsWith('data:image/png;base64,')) expect(await readdir(folder)).toContain(source);
    }
  });

  it('goes without maps for a model that looks only once', async () => {
    const { page } = await report({ configuration: { attention: 'none' } });
    expect(page.match(/<article>/g)).toHaveLength(8);
    expect(page).not.toContain('<details>');
  });

  it('goes on without a photo that was removed meanwhile', async () => {
    const [{ image }] = examples as [Example];
    const photo = await readFile(image);
    const { folder, page } = await report({}, () => rm(image));
    await writeFile(image, photo);
    expect((await readdir(folder)).filter((name) => name.endsWith('.jpg'))).toHaveLength(3);
    expect(page.match(/can no longer be read/g)).toHaveLength(2);
  });

  it('takes the place of an earlier report, and of nothing else', async () => {
    const { folder } = await report();
    await expect(requireReportFolder(folder)).resolves.toBeUndefined();
    await expect(requireReportFolder(join(root, 'new'))).resolves.toBeUndefined();
    const mine = join(root, 'mine');
    await mkdir(mine);
    await expect(requireReportFolder(mine)).resolves.toBeUndefined();
    await writeFile(join(mine, '0001-holiday.jpg'), '');
    await expect(requireReportFolder(mine)).rejects.toMatchObject({ code: 'USAGE' });
    await writeFile(join(mine, 'evaluation.html'), '');
    await writeFile(join(mine, 'thesis.txt'), '');
    await expect(requireReportFolder(mine)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.skipIf(noBrowser)('opens from disk, in the dark and on a phone, and by the keyboard', async () => {
    const { folder } = await report();
    const browser = await startBrowser();
    const page = await browser.newPage({ colorScheme: 'dark', viewport: { width: 390, height: 800 } });
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('requestfailed', (request) => problems.push(request.url()));
    await page.goto(pathToFileURL(join(folder, 'evaluation.html')).href);
    const look = await page.evaluate(`({
      back: getComputedStyle(document.body).backgroundColor,
      width: document.documentElement.scrollWidth,
    })`);
    expect(look).toEqual({ back: 'rgb(22, 22, 27)', width: 390 });
    await page.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.words .smooth').first().isVisible()).toBe(true);
    await page.locator('[value=photo]').check();
    expect(await page.locator('.words .smooth').first().isVisible()).toBe(false);
    expect(problems).toEqual([]);
    await browser.close();
  });
});
