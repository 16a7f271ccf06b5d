import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/load-bundle.js';
import { rewriteBundle } from '../../src/bundle/rewrite-bundle.js';
import { confidenceOf, readConfidence } from '../../src/captioner/confidence.js';
import { ExpectedWords } from '../../src/captioner/expected-words.js';
import { readExpectedWords } from '../../src/captioner/expected-words-file.js';
import { isCaptioned, loadCaptioner } from '../../src/captioner/index.js';
import { wordEvidence } from '../../src/captioner/word-evidence.js';
import { Random } from '../../src/random.js';
import { writeText } from '../fixtures/datasets.js';
import { type Finished, runCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let model: string;
let photos: string;
/** The model, calibrated with both data sets. */
let calibrated: string;
/** One that compares captions of each picture, calibrated alike. */
let choosing: string;
let run: Finished;

/** A data set of random pictures: half of them are described as the model does, so that their captions are good. */
async function writeDataset(folder: string, splits: Readonly<Record<string, number>>): Promise<void> {
  const random = new Random(7);
  const written: { path: string; text: string }[] = [];
  for (const [split, count] of Object.entries(splits)) {
    for (let number = 0; number < count; number++) {
      const path = join(folder, split, `${number}.png`);
      await writeText(join(folder, split, `${number}.txt`), 'a cat sits on the red grass');
      const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, () => random.integer(256));
      const image = sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } });
      await image.resize(32, 32, { kernel: 'nearest' }).png().toFile(path);
      written.push({ path, text: join(folder, split, `${number}.txt`) });
    }
  }
  const captioner = await loadCaptioner(model);
  const rows = await captioner.caption(written.map(({ path }) => path));
  await captioner.close();
  for (const [index, row] of rows.entries()) {
    if (index % 2 === 0 && 'caption' in row) await writeFile(written[index]?.text ?? '', `${row.caption}`);
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-calibrate-'));
  model = join(root, 'model');
  await writeTinyBundle(model);
  await writeDataset(join(root, 'one'), { train: 12, dev: 30 });
  await writeDataset(join(root, 'two'), { train: 2, dev: 24 });
  photos = join(root, 'one', 'dev');
  calibrated = await copyOfModel('calibrated');
  const sets = ['--data', join(root, 'one'), '--data', join(root, 'two')];
  run = await runCommand(['calibrate', calibrated, ...sets, '--json', join(root, 'report.json')]);
  choosing = join(root, 'choosing');
  await writeTinyBundle(choosing, { search: searches });
  const { code, stderr } = await runCommand(['calibrate', choosing, ...sets]);
  expect(stderr).toMatch(/the words to expect count \d+\nof \d captions the best is chosen/);
  expect(code).toBe(0);
}, 60_000);
afterAll(() => rm(root, { recursive: true }));

const searches = {
  method: 'beam',
  beamWidth: 4,
  lengthPenalty: 0.7,
  maximumLength: 8,
  consensus: 2,
} as const;

async function copyOfModel(name: string): Promise<string> {
  const copy = join(root, name);
  await cp(model, copy, { recursive: true });
  return copy;
}

interface Row {
  readonly caption: string | null;
  readonly confidence: number;
  readonly reason?: string;
}

async function captionsBy(directory: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand([
    ...['caption', photos, '--model', directory, '--format', 'jsonl', ...args],
  ]);
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n');
  return { rows: rows.map((line): Row => JSON.parse(line)), stderr };
}

describe('legenda calibrate', () => {
  it('makes confidence the probability of a good caption, tells how true it is, and changes no caption without need', async () => {
    const { code, stdout } = run;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\| data set \| images \|/);
    expect(stdout).toMatch(/^\| one \| 30 \|/m);
    expect(stdout).toMatch(/^\| all \| 54 \|/m);

    const report = JSON.parse(await readFile(join(root, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ images: 54, sets: { one: { images: 30 }, two: { images: 24 } } });
    expect(report.good).toBeGreaterThan(0.3);
    const manifest = JSON.parse(await readFile(join(calibrated, 'manifest.json'), 'utf8'));
    expect(manifest.metrics).toMatchObject({ CIDEr: 0.1, confidence: report });

    const before = (await captionsBy(model)).rows;
    const after = (await captionsBy(calibrated)).rows;
    expect(after.map(({ caption }) => caption)).toEqual(before.map(({ caption }) => caption));
    expect(after.map(({ confidence }) => confidence)).not.toEqual(before.map(({ confidence }) => confidence));
    const mean = after.reduce((sum, { confidence }) => sum + confidence, 0) / after.length;
    expect(Math.abs(mean - report.sets.one.good)).toBeLessThan(0.2);
  });

  it('replaces what an earlier calibration wrote, and keeps the rest of the card', async () => {
    const twice = join(root, 'twice');
    await cp(calibrated, twice, { recursive: true });
    const { code } = await runCommand(['calibrate', twice, '--data', join(root, 'two')]);
    expect(code).toBe(0);
    const card = await readFile(join(twice, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain('Random weights, for tests.');
    expect(card.match(/## How sure to be/g)).toHaveLength(1);
    expect(card).toContain('| two | 24 |');
    expect(card).not.toContain('| one | 30 |');
    // Its two training pictures teach no word.
    expect((await loadBundle(calibrated)).manifest.files).toHaveProperty(['expected-words.safetensors']);
    expect((await loadBundle(twice)).manifest.files).not.toHaveProperty(['expected-words.safetensors']);
    await expect(readFile(join(twice, 'expected-words.safetensors'))).rejects.toThrow('ENOENT');
  });

  it('makes --min-confidence leave out the less sure captions, and say so', async () => {
    const { rows } = await captionsBy(calibrated);
    const middle = [...rows].sort((a, b) => a.confidence - b.confidence)[15]?.confidence ?? 0;
    const asked = await captionsBy(calibrated, '--min-confidence', String(middle));
    for (const [index, row] of asked.rows.entries()) {
      const { caption, confidence } = rows[index] as Row;
      // Confidences are written to four decimals.
      if (Math.abs(confidence - middle) < 1e-3) continue;
      if (confidence > middle) expect(row).toMatchObject({ caption, confidence });
      else expect(row).toMatchObject({ caption: null, confidence, reason: 'below --min-confidence' });
    }
    const left = asked.rows.filter(({ caption }) => caption === null).length;
    expect(left).toBeGreaterThan(5);
    expect(asked.stderr).toContain(`${left} left without a caption, below --min-confidence`);
  });

  it('leaves the model as it was where a split is missing or too small', async () => {
    await writeDataset(join(root, 'few'), { train: 3, dev: 5 });
    await writeDataset(join(root, 'devless'), { train: 3, test: 25 });
    const copy = await copyOfModel('untouched');
    for (const name of ['few', 'devless']) {
      const { code, stderr } = await runCommand(['calibrate', copy, '--data', join(root, name)]);
      expect(code).not.toBe(0);
      expect(stderr).toContain('NO_IMAGES');
    }
    expect(await readFile(join(copy, 'manifest.json'))).toEqual(await readFile(join(model, 'manifest.json')));
  });

  it('asks for data', async () => {
    const { code, stderr } = await runCommand(['calibrate', model]);
    expect(code).toBe(2);
    expect(stderr).toContain('--data');
  });
});

/** CIDEr-D of the dev splits of data sets. */
async function scoresOf(directory: string, sets: readonly string[], ...args: string[]): Promise<number[]> {
  const found: number[] = [];
  for (const name of sets) {
    const json = join(root, 'scores.json');
    const asked = ['--split', 'dev', '--model', directory, '--json', json, ...args];
    const { code } = await runCommand(['evaluate', join(root, name), ...asked]);
    expect(code).toBe(0);
    found.push(JSON.parse(await readFile(json, 'utf8')).ciderD);
  }
  return found;
}

describe('legenda calibrate of a model that compares no captions', () => {
  it.each(['greedy', 'beam'] as const)(
    'lets words to expect count in %s search as much as is best',
    async (method) => {
      const directory = join(root, `saying-${method}`);
      await writeTinyBundle(directory, {
        search: { method, beamWidth: 3, lengthPenalty: 0.7, maximumLength: 8 },
      });
      const data = join(root, method);
      await writeDataset(data, { train: 24, dev: 24 });
      expect((await runCommand(['calibrate', directory, '--data', data])).code).toBe(0);
      // People write of the dev pictures what the model does where the words count much.
      const captioner = await loadCaptioner(directory);
      const dev = Array.from({ length: 24 }, (_, number) => join(data, 'dev', `${number}.png`));
      for (const row of await captioner.caption(dev, { expectedWords: 16 })) {
        if ('caption' in row) await writeFile(row.image.replace('.png', '.txt'), `${row.caption}`);
      }
      await captioner.close();
      const { code, stderr } = await runCommand(['calibrate', directory, '--data', data]);
      expect(code).toBe(0);
      const { manifest } = await loadBundle(directory);
      const { expectedWords = 0, consensus = 0 } = manifest.search;
      expect(stderr).toContain(`the words to expect count ${expectedWords}\n`);
      expect(expectedWords).toBeGreaterThan(0);
      expect(consensus).toBe(0);
      const [score = 0] = await scoresOf(directory, [method]);
      expect(manifest.metrics.dev).toMatchObject({ [method]: { ciderD: score } });
      const [without = 0] = await scoresOf(directory, [method], '--expected-words', '0');
      expect(without).toBeLessThan(score);
    },
  );
});

describe('legenda calibrate of a model that compares captions', () => {
  const scores = (...args: string[]) => scoresOf(choosing, ['one', 'two'], ...args);
  const sum = ([one = 0, two = 0]: readonly number[]) => one + two;

  it('learns which words to expect, and captions as it says that it does', async () => {
    const { manifest } = await loadBundle(choosing);
    const { consensus, expectedWords } = manifest.search;
    expect(manifest.files).toHaveProperty(['expected-words.safetensors']);
    expect([2, 4]).toContain(consensus);
    expect(expectedWords).toBeGreaterThan(0);
    const [one, two] = await scores();
    expect(manifest.metrics.dev).toMatchObject({
      one: { images: 30, ciderD: one },
      two: { images: 24, ciderD: two },
    });
    const card = await readFile(join(choosing, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain(`the one of ${consensus} that agrees most`);
    expect(card).toContain(`(${expectedWords})`);
    expect(card).toMatch(/\| one \| 30 \|/);
  });

  it('chooses what scores best', async () => {
    const best = sum(await scores());
    for (const count of ['2', '4']) {
      for (const weight of ['0', '2', '4', '8', '16']) {
        const other = await scores('--beam', '4', '--consensus', count, '--expected-words', weight);
        expect(sum(other)).toBeLessThanOrEqual(best);
        if (weight === '0') expect(sum(other)).toBeLessThan(best);
      }
    }
  });

  it('gives captions the confidence that it was fitted with', async () => {
    const bundle = await loadBundle(choosing);
    const words = new ExpectedWords((await readExpectedWords(bundle))!);
    const model = (await readConfidence(bundle))!;
    expect(model.features.map(({ name }) => name)).toContain('wordFit');
    const captioner = await loadCaptioner(choosing);
    const [row] = await captioner.caption([join(photos, '0.png')], { evidence: true });
    await captioner.close();
    const [caption] = row !== undefined && isCaptioned(row) ? row.captions : [];
    const { evidence, confidence } = caption!;
    const { image, classLogits, tokens } = evidence!;
    expect(evidence?.wordFit).toBe(words.of(wordEvidence(image, classLogits)).fitOf(tokens));
    expect(confidence).toBe(confidenceOf(evidence!, model));
  });

  it('chooses the same when it is done again', async () => {
    const again = join(root, 'again');
    await cp(choosing, again, { recursive: true });
    await runCommand(['calibrate', again, '--data', join(root, 'one'), '--data', join(root, 'two')]);
    const [before, after] = [await loadBundle(choosing), await loadBundle(again)];
    expect(after.manifest.search).toEqual(before.manifest.search);
    expect(after.manifest.files).toEqual(before.manifest.files);
  });

  it('lets --expected-words say how much they count, whatever the search, where there are some', async () => {
    for (const search of [
      [],
      ['--beam', '3'],
      ...['greedy', 'diverse', 'sample'].map((name) => ['--method', name]),
    ]) {
      const none = (await captionsBy(choosing, ...search, '--expected-words', '0')).rows;
      const all = (await captionsBy(choosing, ...search, '--expected-words', '1e6')).rows;
      expect(all.map(({ caption }) => caption)).not.toEqual(none.map(({ caption }) => caption));
    }
    for (const [args, message] of [
      [['--model', choosing, '--expected-words', '-1'], 'of 0 or more'],
      [['--model', model, '--consensus', '2', '--expected-words', '1'], 'run legenda calibrate on the model'],
    ] as const) {
      const { code, stderr } = await runCommand(['caption', photos, ...args]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(message);
    }
    const captioner = await loadCaptioner(choosing);
    for (const expectedWords of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(captioner.caption([], { expectedWords })).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
    await captioner.close();
  });
});

describe('a model with a confidence.json of something else', () => {
  it('is refused, naming the file', async () => {
    const text = await readFile(join(calibrated, 'confidence.json'), 'utf8');
    for (const [name, wrong] of [
      ['renamed', text.replace('"intercept"', '"intercepts"')],
      ['narrower', text.replace(/"mean": "[^"]*"/, `"mean": "${Buffer.alloc(28).toString('base64')}"`)],
    ] as const) {
      const copy = await copyOfModel(name);
      await rewriteBundle(await loadBundle(copy), { files: { 'confidence.json': wrong } });
      await expect(loadCaptioner(copy)).rejects.toMatchObject({
        code: 'BUNDLE_BROKEN',
        message: expect.stringContaining('confidence.json'),
      });
    }
  });
});
