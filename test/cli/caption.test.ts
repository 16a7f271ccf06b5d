import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failures, pictures, writeImageFixtures } from '../fixtures/images.js';
import { runCommand, startCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let model: string;
let photos: string;
/** A folder for what the test writes. */
let out: string;
let tests = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-caption-'));
  model = join(root, 'model');
  photos = join(root, 'photos');
  await mkdir(photos);
  await writeTinyBundle(model);
  for (let photo = 0; photo < 6; photo++) {
    const colour = { r: 40 * photo, g: 255 - 30 * photo, b: (97 * photo) % 256 };
    const image = sharp({ create: { width: 40, height: 30, channels: 3, background: colour } });
    await image.png().toFile(join(photos, `${photo}.png`));
  }
});
beforeEach(async () => {
  out = join(root, `out-${tests++}`);
  await mkdir(out);
});
afterAll(() => rm(root, { recursive: true }));

function caption(...args: string[]) {
  return runCommand(['caption', '--model', model, ...args]);
}

const photo = (number: number) => join(photos, `${number}.png`);
const ALL = [0, 1, 2, 3, 4, 5];

/** Each written line as JSON. */
function jsonLines(text: string): { image: string; caption?: string; error?: { code: string } }[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('legenda caption', () => {
  it('writes each photo and its caption as a line of text, and nothing else, to standard output', async () => {
    const { code, stdout, stderr } = await caption(photos);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => line.split('\t')[0])).toEqual(ALL.map(photo));
    for (const line of lines) expect(line.split('\t')[1]).toMatch(/^[A-Z].*\.$/);
    expect(stderr).toBe('legenda: 6 captioned\n');
  });

  it('writes several captions, best first, and numbers to four decimals', async () => {
    const { stdout } = await caption(photo(1), '--top', '2', '--beam', '4', '--format', 'jsonl');
    const [row] = jsonLines(stdout);
    expect(Object.keys(row ?? {})).toEqual(['image', 'caption', 'confidence', 'captions', 'model']);
    expect(row).toMatchObject({ image: photo(1), model: 'tiny', captions: [{ text: row?.caption }, {}] });
    expect(stdout).not.toMatch(/\d\.\d{5}/);
    const text = await caption(photo(1), '--top', '2', '--beam', '4');
    expect(text.stdout.split('\t')).toHaveLength(3);
  });

  it('captions or names with its code every file of a hard folder, in order, and exits with 1', async () => {
    const folder = join(root, 'hard');
    await writeImageFixtures(folder);
    await writeFile(
      join(folder, 'one-pixel.png'),
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    const { code, stdout } = await caption(folder, '--format', 'jsonl');
    expect(code).toBe(1);
    const rows = jsonLines(stdout);
    const found = new Map(
      rows.map(({ image, error }) => [image.slice(folder.length + 1), error?.code ?? 'captioned']),
    );
    const expected = [
      ...Object.entries(failures).map(([name, failure]) => [name, failure.code] as const),
      ...Object.keys(pictures).map((name) => [name, 'captioned'] as const),
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((turn) => [`rotated-${turn}.jpg`, 'captioned'] as const),
      ['one-pixel.png', 'captioned'] as const,
    ];
    expect(found).toEqual(new Map(expected));
    expect(rows).toHaveLength(expected.length);

    const text = await caption(folder);
    const captioned = rows.filter(({ error }) => error === undefined).map(({ image }) => image);
    expect(
      text.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t')[0]),
    ).toEqual(captioned);
    const named = rows.flatMap(({ error }) => (error === undefined ? [] : [error.code]));
    const said = text.stderr.split('\n').slice(0, -2);
    expect(said.map((line) => /\[(\w+)\]$/.exec(line)?.[1])).toEqual(named);
    expect(text.stderr).toMatch(/legenda: \d+ captioned, \d+ failed\n$/);

    const csv = await caption(folder, '--format', 'csv');
    const [header, ...records] = parse(csv.stdout) as string[][];
    expect(header).toEqual(['image', 'caption', 'confidence', 'error_code', 'error_message']);
    expect(records.map(([image, text, , error]) => [image, text, error])).toEqual(
      rows.map((row) => [row.image, row.caption ?? '', row.error?.code ?? '']),
    );
  });

  it('reads paths from standard input and captions each as it comes, without waiting for the next', async () => {
    const command = startCommand(['caption', '--model', model, '-']);
    for (const number of [3, 1, 4]) {
      command.feed(`${photo(number)}\r\n\n`);
      const lines = await command.lines(1);
      expect(lines.at(-1)?.split('\t')[0]).toBe(photo([3, 1, 4][lines.length - 1] ?? 0));
      await command.lines([3, 1, 4].indexOf(number) + 1);
    }
    command.endInput();
    expect(await command.finished).toMatchObject({ code: 0 });
    expect((await runCommand(['caption', '--model', model, '-'])).code).toBe(0);
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const command = startCommand(['caption', '--model', model, '-', '--batch', '2']);
    command.feed(`${ALL.map(photo).join('\n')}\n`);
    await command.lines(1);
    command.closeOutput();
    for (let round = 0; round < 50; round++) command.feed(`${ALL.map(photo).join('\n')}\n`);
    const { code, stderr } = await command.finished;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/error|EPIPE|INTERNAL/i);
  });

  it('searches as it is told: words that must or may not stand in a caption, and how often', async () => {
    const words = ['--require', 'two', '--require', 'grass,Water', '--ban', 'dog', '--ban', 'woman'];
    const { stdout } = await caption(photos, ...words, '--no-repeat', '1', '--min-length', '4');
    for (const line of stdout.trimEnd().split('\n')) {
      const written = line
        .slice(line.indexOf('\t') + 1, -1)
        .toLowerCase()
        .split(' ');
      expect(written).toContain('two');
      expect(written.some((word) => word === 'grass' || word === 'water')).toBe(true);
      expect(written).not.toContain('dog');
      expect(written).not.toContain('woman');
      expect(written.length).toBeGreaterThanOrEqual(4);
      expect(new Set(written).size).toBe(written.length);
    }
  });

  it('draws the same captions for the same photos with the same seed, whichever photos stand beside', async () => {
    const draw = async (...args: string[]) =>
      (await caption('--method', 'sample', '--temperature', '1.5', '--top-k', '9', ...args)).stdout;
    const all = await draw('--seed', '4', photos);
    expect(await draw('--seed', '5', photos)).not.toBe(all);
    const some = await draw('--seed', '4', photo(4), photo(2));
    const lines = all.split('\n');
    expect(some).toBe(`${lines[4]}\n${lines[2]}\n`);
  });

  it('names an option that the method has no use for, and the nearest word for one that is not known', async () => {
    const useless = await caption(photos, '--diversity', '1');
    expect(useless).toMatchObject({ code: 2, stderr: expect.stringContaining('method diverse') });
    const unknown = await caption(photos, '--require', 'cat,kats');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean cat?') });
  });

  it('keeps an output file that is there unless told otherwise', async () => {
    const output = join(out, 'captions.jsonl');
    await writeFile(output, '{"image":"old.png"}\n');
    const refused = await caption(photos, '--output', output);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/--resume.*--overwrite.*\[USAGE\]\n$/);
    expect(await readFile(output, 'utf8')).toBe('{"image":"old.png"}\n');
    expect((await caption(photos, '--output', output, '--overwrite')).code).toBe(0);
    expect(jsonLines(await readFile(output, 'utf8')).map(({ image }) => image)).toEqual(ALL.map(photo));
  });

  it.each([
    ['--bema', '3', 'x.jpg'],
    ['--beam', '0', 'x.jpg'],
    ['--beam', '1.5', 'x.jpg'],
    ['--top', 'many', 'x.jpg'],
    ['--method', 'best', 'x.jpg'],
    ['--no-repeat', 'x.jpg', 'y.jpg'],
    ['--length-penalty', '3', 'x.jpg'],
    ['--top-p', '-0.1', 'x.jpg'],
    ['--seed', '1e3', 'x.jpg'],
    ['--format', 'xml', 'x.jpg'],
    ['--resume', 'x.jpg'],
    ['--resume', '--overwrite', '--output', 'x.csv', 'x.jpg'],
    [],
  ])('exits with 2 and says why: %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await caption(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^legenda: .*\[USAGE\]\n$/);
  });

  it('exits with 2 before anything is written when the search cannot be done or the model is missing', async () => {
    const output = join(out, 'captions.csv');
    const narrow = await caption(photos, '--beam', '2', '--top', '3', '--output', output);
    expect(narrow).toMatchObject({ code: 2, stderr: expect.stringContaining('[CONFIGURATION_INVALID]') });
    const lost = await caption(photos, '--model', join(out, 'nothing'), '--output', output);
    expect(lost).toMatchObject({ code: 2, stderr: expect.stringContaining('[BUNDLE_NOT_FOUND]') });
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });

  it('says that a folder holds no images', async () => {
    expect(await caption(out)).toMatchObject({ code: 1, stderr: expect.stringContaining('[NO_IMAGES]') });
  });

  it('explains itself', async () => {
    expect(await runCommand(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(await runCommand(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('caption'),
    });
    const help = await runCommand(['caption', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--resume') });
    expect(await runCommand([])).toMatchObject({ code: 2, stdout: '' });
    expect((await runCommand(['capton', 'x.jpg'])).stderr).toContain('Did you mean caption?');
  });
});

describe('legenda caption --write sidecar', () => {
  const sidecars = () =>
    Promise.all(
      ALL.map((number) => readFile(photo(number).replace('.png', '.txt'), 'utf8').catch(() => undefined)),
    );

  it('writes x.txt beside x.png, keeps one that is there, and replaces it when told', async () => {
    const kept = photo(2).replace('.png', '.txt');
    await writeFile(kept, 'Written by hand.\n');
    const first = await caption(photos, '--write', 'sidecar');
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('1 left the sidecar') });
    const captions = first.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => `${line.split('\t')[1]}\n`);
    expect(await sidecars()).toEqual(captions.with(2, 'Written by hand.\n'));

    await rm(photo(4).replace('.png', '.txt'));
    const again = await caption(photos, '--write', 'sidecar', '--resume');
    expect(again.stdout.split('\t')[0]).toBe(photo(4));
    expect(again.stderr).toBe('legenda: 1 captioned, 5 done before\n');

    expect((await caption(photos, '--write', 'sidecar', '--overwrite')).code).toBe(0);
    expect(await sidecars()).toEqual(captions);
  });

  it('takes an old one away with --overwrite where the new caption is left out', async () => {
    await caption(photos, '--write', 'sidecar', '--overwrite');
    const args = ['--write', 'sidecar', '--min-confidence', '1'];
    expect((await caption(photos, ...args)).code).toBe(0);
    expect((await sidecars()).every((text) => text !== undefined)).toBe(true);
    expect((await caption(photos, ...args, '--overwrite')).code).toBe(0);
    expect(await sidecars()).toEqual(ALL.map(() => undefined));
  });
});
