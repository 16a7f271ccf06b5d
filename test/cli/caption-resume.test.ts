import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/cli/format-names.js';
import { runCommand, startCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let model: string;
let images: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-resume-'));
  model = join(root, 'model');
  await writeTinyBundle(model);
  const photos = join(root, 'photos');
  await mkdir(photos);
  images = [];
  for (let photo = 0; photo < 8; photo++) {
    // Names that a line of text or CSV has to take care of.
    const path = join(photos, photo === 3 ? '3, "tall",\n and\twide.png' : `${photo}.png`);
    const background = { r: 30 * photo, g: 255 - 20 * photo, b: (97 * photo) % 256 };
    await sharp({ create: { width: 40, height: 30, channels: 3, background } })
      .png()
      .toFile(path);
    images.push(path);
  }
});
afterAll(() => rm(root, { recursive: true }));

function caption(output: string, ...args: string[]) {
  return runCommand(['caption', '--model', model, '--output', output, join(root, 'photos'), ...args]);
}

describe('legenda caption --resume', () => {
  it.each(FORMATS)(
    'completes a %s file whose last line was cut, as if it had never been cut',
    async (format) => {
      const whole = join(root, `whole.${format}`);
      expect(await caption(whole, '--format', format)).toMatchObject({ code: 0, stdout: '' });
      const complete = await readFile(whole, 'utf8');
      const output = join(root, `cut.${format}`);
      await writeFile(output, complete.slice(0, complete.length / 2));
      const { code, stderr } = await caption(output, '--format', format, '--resume');
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(
          /^(?:legenda: .* ended within a line, .*\n)?legenda: [45] captioned, [34] done before\n$/,
        ),
      });
      expect(await readFile(output, 'utf8')).toBe(complete);
      const again = await caption(output, '--format', format, '--resume');
      expect(again.stderr).toBe('legenda: 0 captioned, 8 done before\n');
      expect(await readFile(output, 'utf8')).toBe(complete);
    },
  );

  it.each(['jsonl', 'csv'] as const)(
    'tries again what failed, and puts it in its place in a %s file',
    async (format) => {
      const [late = '', bad = ''] = ['2b', '5b'].map((name) => join(root, 'photos', `${name}.png`));
      const output = join(root, `retried.${format}`);
      await writeFile(late, 'not copied yet');
      await writeFile(bad, 'no picture');
      try {
        expect(await caption(output)).toMatchObject({
          code: 1,
          stderr: 'legenda: 8 captioned, 2 failed\n',
        });
        await copyFile(images[0] as string, late);
        const again = await caption(output, '--resume');
        expect(again).toMatchObject({ code: 1, stderr: 'legenda: 1 captioned, 1 failed, 8 done before\n' });
        const whole = join(root, `retried-whole.${format}`);
        await caption(whole);
        expect(await readFile(output, 'utf8')).toBe(await readFile(whole, 'utf8'));
      } finally {
        await rm(late);
        await rm(bad);
      }
    },
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'goes on after %s, which ends the command with 130 between two lines',
    async (signal) => {
      const output = join(root, `${signal}.jsonl`);
      const flags = ['--format', 'jsonl', '--batch', '2'];
      const listed = images.filter((image) => !image.includes('\n'));
      const command = startCommand(['caption', '--model', model, '-', ...flags]);
      command.feed(`${listed.slice(0, 5).join('\n')}\n`);
      await command.lines(5);
      command.signal(signal);
      const { code, stdout, stderr } = await command.finished;
      expect(code).toBe(130);
      expect(stderr).toBe('legenda: interrupted, 5 captioned\n');
      await writeFile(output, stdout);

      const list = `${listed.join('\n')}\n`;
      const rest = await runCommand(
        ['caption', '--model', model, '-', ...flags, '--output', output, '--resume'],
        list,
      );
      expect(rest).toMatchObject({ code: 0, stderr: 'legenda: 2 captioned, 5 done before\n' });
      const rows = (await readFile(output, 'utf8')).split('\n');
      expect(rows.pop()).toBe('');
      expect(rows.map((row) => JSON.parse(row).image)).toEqual(listed);
    },
  );

  it('interrupted within a batch of many, leaves whole lines of an output file', async () => {
    const output = join(root, 'many.csv');
    const command = startCommand(['caption', '--model', model, '-', '--batch', '3', '--output', output]);
    for (let round = 0; round < 200; round++) command.feed(`${images[0]}\n${images[1]}\n`);
    await growing(output);
    command.signal('SIGINT');
    expect(await command.finished).toMatchObject({ code: 130, stderr: expect.stringContaining('--resume') });
    const text = await readFile(output, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.slice(0, -1).split('\n').slice(1))
      expect(line).toMatch(/\.png,[A-Z].*\.,[\d.]+,,$/);
  });
});

/** Waits until the file holds rows. */
async function growing(path: string): Promise<void> {
  while ((await readFile(path, 'utf8').catch(() => '')).split('\n').length < 5) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
