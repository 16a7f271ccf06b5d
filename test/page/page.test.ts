import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noBrowser, startBrowser } from '../support/browser.js';
import { type RunningCommand, startCommand } from '../support/command.js';
import { photoBytes, TOKEN } from '../support/test-server.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
let browser: Browser;
let server: RunningCommand;
let address: string;
let context: BrowserContext;
let page: Page;
/** What went wrong in the page, and what it asked other hosts for. */
let trouble: string[];

const inBrowser = describe.skipIf(noBrowser);

async function serve(...flags: string[]): Promise<{ command: RunningCommand; at: string }> {
  const command = startCommand(['serve', '--port', '0', '--model', join(folder, 'model'), ...flags]);
  const [at = ''] = await command.lines(1);
  return { command, at };
}

beforeAll(async () => {
  if (noBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'legenda-page-'));
  await writeTinyBundle(join(folder, 'model'));
  for (const seed of [1, 2, 3]) await writeFile(join(folder, `photo ${seed}.jpg`), await photoBytes(seed));
  await writeFile(join(folder, 'broken.jpg'), (await photoBytes(4)).subarray(0, 300));
  const started = await serve();
  server = started.command;
  address = started.at;
  browser = await startBrowser();
});
afterAll(async () => {
  if (noBrowser) return;
  await browser.close();
  server.signal('SIGTERM');
  await server.finished;
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  if (noBrowser) return;
  context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  page = await context.newPage();
  trouble = [];
  page.on('pageerror', ({ message }) => trouble.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) trouble.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith('http://127.0.0.1:')) {
      trouble.push(request.url());
    }
  });
});
afterEach(async () => {
  if (noBrowser) return;
  await context.close();
  expect(trouble).toEqual([]);
});

const photo = (name: string) => join(folder, name);

async function open(names: string[]): Promise<void> {
  await page.goto(address);
  await page.setInputFiles('#files', names.map(photo));
  await page.waitForFunction(() => !document.querySelector('.card[data-state="waiting"]'));
}

async function downloaded(format: string): Promise<string> {
  await page.getByRole('button', { name: 'Download' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(`[data-download=${format}]`)]);
  return readFile(await file.path(), 'utf8');
}

inBrowser('the page (no Chromium is installed)', () => {
  it('shows a caption for each photo, and an error for the one that is broken', async () => {
    await open(['photo 1.jpg', 'broken.jpg', 'photo 2.jpg']);
    const first = page.getByRole('textbox', { name: 'Caption of photo 1.jpg' });
    expect(await first.inputValue()).toMatch(/^[A-Z].*\.$/);
    expect(await page.locator('.card[data-state=failed] .problem').innerText()).toContain('damaged');
    expect(await page.locator('#count').innerText()).toBe('3 photos, 1 failed');
    await page.getByRole('button', { name: 'Try broken.jpg again' }).click();
    await page.waitForSelector('.card[data-state=failed]');
    await page.waitForSelector('.card .photo img[src^="blob:"]');
  });

  it('takes photos that are dropped, out of folders too', async () => {
    await mkdir(join(folder, 'holiday', 'beach'), { recursive: true });
    await cp(photo('photo 1.jpg'), photo('holiday/beach/sea.jpg'));
    await writeFile(photo('holiday/notes.txt'), 'hello');
    await page.goto(address);
    await page.waitForFunction(() => document.readyState === 'complete');
    const devtools = await context.newCDPSession(page);
    const data = { items: [], files: [photo('photo 2.jpg'), photo('holiday')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
    }
    await page.waitForFunction(() => document.querySelectorAll('.card[data-state=done]').length === 2);
    const names = await page.locator('.card .name').allInnerTexts();
    expect(names).toEqual(['holiday/beach/sea.jpg', 'photo 2.jpg']);
  });

  it('shows where the model looked for each word, by the keyboard alone', async () => {
    await open(['photo 1.jpg', 'photo 2.jpg']);
    await page.getByRole('button', { name: 'See where the model looked in photo 1.jpg' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#look-words [role=option]');
    const opaque = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('#look-map');
        const context = canvas?.getContext('2d');
        return context
          ?.getImageData(0, 0, 120, 120)
          .data.filter((_, i) => i % 4 === 3)
          .some((value) => value > 0);
      });
    expect(await opaque()).toBe(false);
    await page.locator('#look-words').focus();
    await page.keyboard.press('ArrowRight');
    expect(await opaque()).toBe(true);
    expect(await page.locator('#look-word').innerText()).toMatch(/^\w+: \d+ % probable/);
    expect(await page.locator('#look-words [aria-selected=true]').count()).toBe(1);
    const other = await page.locator('#look-others li span').first().innerText();
    await page.locator('#look-others button').first().click();
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() => document.querySelector('#look-name')?.textContent === 'photo 2.jpg');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(await page.getByRole('textbox', { name: 'Caption of photo 1.jpg' }).inputValue()).toBe(other);
  });

  it('lets captions be corrected, copied and downloaded', async () => {
    await open(['photo 1.jpg', 'broken.jpg']);
    const text = 'A "quoted", <odd> caption.';
    await page.getByRole('textbox', { name: 'Caption of photo 1.jpg' }).fill(text);
    await page.getByRole('button', { name: 'Copy the caption of photo 1.jpg' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    const rows = (await downloaded('jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { image: 'broken.jpg', error: { code: 'IMAGE_BROKEN' } },
      { image: 'photo 1.jpg', caption: text, corrected: true, model: 'tiny' },
    ]);
    expect(await downloaded('csv')).toContain('photo 1.jpg,"A ""quoted"", <odd> caption.",');
    const html = await downloaded('html');
    expect(html).toContain('<img src="photo%201.jpg" alt="A &quot;quoted&quot;, &lt;odd&gt; caption.">');
  });

  it('gives every button and field a name', async () => {
    await open(['photo 1.jpg']);
    await page.getByRole('button', { name: 'Look at photo 1.jpg' }).click();
    await page.waitForSelector('#look-words [role=option]');
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, textarea, select, progress')]
        .filter(
          (one) => !one.ariaLabel && !one.textContent?.trim() && !(one as HTMLInputElement).labels?.length,
        )
        .map((one) => one.outerHTML),
    );
    expect(nameless).toEqual([]);
  });

  it('asks for a token where the server needs one, and again for a wrong one', async () => {
    const { command, at } = await serve('--token', TOKEN);
    await page.goto(at);
    const field = page.getByLabel('Token');
    await field.fill('a-wrong-one-a-wrong-one');
    await field.press('Enter');
    await page.getByText('That is none of its tokens.').waitFor();
    await field.fill(TOKEN);
    await field.press('Enter');
    await page.setInputFiles('#files', photo('photo 1.jpg'));
    await page.waitForSelector('.card[data-state=done]');
    command.signal('SIGTERM');
    expect((await command.finished).code).toBe(0);
  });

  it('says for each photo when the server is gone, and tries again when asked', async () => {
    await page.goto(address);
    await page.waitForFunction(() => !document.querySelector('#welcome')?.hasAttribute('hidden'));
    await context.route('**/v1/captions', (route) => route.abort());
    await page.setInputFiles('#files', photo('photo 1.jpg'));
    await page.getByText('The server cannot be reached.').waitFor();
    await context.unroute('**/v1/captions');
    await page.getByRole('button', { name: 'Try photo 1.jpg again' }).click();
    await page.waitForSelector('.card[data-state=done]');
    trouble = trouble.filter((text) => !text.includes('ERR_FAILED'));
  });
});
