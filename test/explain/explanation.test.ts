import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Captioner, type CaptionRow, loadCaptioner } from '../../src/captioner/index.js';
import { Explanation } from '../../src/explain/explanation.js';
import { orientedJpeg } from '../fixtures/images.js';
import { TINY_TAGS, type TinyOverrides, writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let photo: string;
let models = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-explain-'));
  photo = join(root, 'photo.jpg');
  await writeFile(photo, await orientedJpeg(6));
});
afterAll(() => rm(root, { recursive: true }));

async function load(overrides: TinyOverrides = {}): Promise<Captioner> {
  const directory = join(root, `model-${models++}`);
  await writeTinyBundle(directory, overrides);
  return loadCaptioner(directory, { threads: 1 });
}

/** Shows the rows, and gives what was written. */
async function explain(captioner: Captioner, rows: readonly CaptionRow[]) {
  const folder = join(root, `out-${models++}`);
  const explanation = await Explanation.open(folder, captioner, { overwrite: false });
  const failures = [];
  for (const row of rows) failures.push(await explanation.add(row));
  await explanation.close();
  return { folder, failures, page: await readFile(join(folder, 'index.html'), 'utf8') };
}

const size = async (path: string) => {
  const { width, height } = await sharp(path).metadata();
  return [width, height];
};

describe('a page of where the model looked', () => {
  it('has the photo upright, its caption, and for each word its probability, the smooth map and the cells', async () => {
    const captioner = await load();
    const rows = await captioner.caption([photo], { attention: true });
    const { folder, page } = await explain(captioner, rows);
    const [best] = 'captions' in rows[0]! ? rows[0].captions : [];
    expect(page).toContain(`<h3 dir="auto">${best?.text}</h3>`);
    const words = best?.words ?? [];
    expect(words.length).toBeGreaterThan(0);
    const captions = [...page.matchAll(/<figcaption><b>(.*?)<\/b> <span>(\d+) %/g)];
    expect(captions.map(([, word]) => word)).toEqual(words.map(({ word }) => word));
    expect(captions.map(([, , share]) => Number(share))).toEqual(
      words.map(({ probability }) => Math.round(100 * probability)),
    );
    expect((await readdir(folder)).sort()).toEqual(['0001-photo.jpg', '0001-photo.png', 'index.html']);
    expect(await size(join(folder, '0001-photo.jpg'))).toEqual([48, 32]);
    const maps = [...page.matchAll(/class="map cells".*?base64,(.*?)"/g)];
    expect(maps).toHaveLength(words.length);
    expect(await size(Buffer.from(maps[0]?.[1] ?? '', 'base64') as unknown as string)).toEqual([4, 4]);
    // Each word's probability after those before it, and of ending there, make up the caption's.
    const product = words.reduce((sum, { probability }) => sum + Math.log(probability), 0);
    expect(product).toBeGreaterThanOrEqual((best?.logProbability ?? 0) - 1e-4);
    await captioner.close();
  });

  it('shows what it looked at beside the photo as words, and keeps it off the photo', async () => {
    const captioner = await load({ configuration: { tags: 2 }, tags: TINY_TAGS });
    const rows = await captioner.caption([photo], { attention: true });
    const [best] = 'captions' in rows[0]! ? rows[0].captions : [];
    for (const { attention, beside = [] } of best?.words ?? []) {
      expect(attention).toHaveLength(16);
      expect(beside).toHaveLength(2);
      for (const { word } of beside) expect(TINY_TAGS.words).toContain(word);
      const weights = [...attention, ...beside.map(({ weight }) => weight)];
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
    }
    const { page } = await explain(captioner, rows);
    expect(page).toMatch(/looked at: (?:dog|cat|ball) \d+ %/);
    await captioner.close();
  });

  it('asks no host for anything, and shows a hostile name as it is written', async () => {
    const captioner = await load();
    const name = `<script>alert("1")</script>' & ñ\u0007 %2e#?.jpg`.replaceAll('/', '∕');
    const path = join(root, 'odd', name);
    await mkdir(join(root, 'odd'), { recursive: true });
    await copyFile(photo, path);
    const { page, folder } = await explain(captioner, await captioner.caption([path], { attention: true }));
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;∕script&gt;&#39; &amp; ñ\ufffd %2e#?.jpg');
    expect(page).toContain(`default-src 'none'`);
    for (const [, source = ''] of page.matchAll(/(?:src|href)="(.*?)"/g)) {
      if (source.startsWith('data:image/png;base64,')) continue;
      expect(source).toMatch(/^0001-[\w-]+\.jpg$/);
      expect(await readdir(folder)).toContain(source);
    }
    await captioner.close();
  });

  it('names photos that have no caption or are gone, and goes on', async () => {
    const captioner = await load();
    const [row] = await captioner.caption([photo], { attention: true });
    const gone = { ...row!, image: join(root, 'gone.jpg') };
    const [withheld] = await captioner.caption([photo], { attention: true, minimumConfidence: 1 });
    const failed = await captioner.caption([join(root, 'never.jpg')]);
    const { page, failures, folder } = await explain(captioner, [gone, withheld!, ...failed, row!]);
    expect(failures.map((failure) => failure?.code)).toEqual([
      'IMAGE_NOT_FOUND',
      undefined,
      undefined,
      undefined,
    ]);
    expect(page.match(/class="error"/g)).toHaveLength(3);
    expect(page).toContain('below --min-confidence');
    expect(await readdir(folder)).toContain('0004-photo.png');
    await captioner.close();
  });

  it('writes over no folder that holds something, unless told to', async () => {
    const captioner = await load();
    const folder = join(root, 'mine');
    await mkdir(folder);
    await writeFile(join(folder, 'index.html'), 'mine');
    const opened = Explanation.open(folder, captioner, { overwrite: false });
    await expect(opened).rejects.toMatchObject({ code: 'USAGE' });
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe('mine');
    const explanation = await Explanation.open(folder, captioner, { overwrite: true });
    await explanation.close();
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toMatch(/^<!doctype html>/);
    const file = Explanation.open(photo, captioner, { overwrite: true });
    await expect(file).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await captioner.close();
  });
});

describe('captions with attention', () => {
  it('are refused by a model that does not look again, by name', async () => {
    const captioner = await load({ configuration: { attention: 'none' } });
    await expect(captioner.caption([photo], { attention: true })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('attention'),
    });
    expect(await captioner.caption([photo])).toHaveLength(1);
    await captioner.close();
  });
});
