import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fixtureFormats } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-diagnose-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('legenda diagnose gradients prints the numbers and writes page and JSON', async () => {
  const { code, stdout } = await runCommand(['diagnose', 'gradients', '--steps', '20'], '', folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/time step t +simple RNN +LSTM +GRU/);
  const report = JSON.parse(await readFile(join(folder, 'gradients.json'), 'utf8'));
  expect(report.pictures[0].lines[0].values).toHaveLength(20);
  expect(await readFile(join(folder, 'gradients.html'), 'utf8')).toContain(report.pictures[1].title);
}, 300_000);

it('goes through captions with the decoder of a run', async () => {
  const [run, data] = [join(folder, 'run'), join(folder, 'data')];
  await writeTinyCheckpoint(join(run, 'best'));
  await fixtureFormats['text-folder']?.write(data, [
    { stem: 'a', captions: ['the dog runs'], split: 'train' },
    { stem: 'b', captions: ['a cat sits on grass'], split: 'dev' },
  ]);
  const page = join(folder, 'trained.html');
  const json = join(folder, 'trained.json');
  const args = ['diagnose', 'gradients', run, '--data', data, '--html', page, '--json', json];
  expect(await runCommand(args)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('captions of 1 image,'),
  });
  const report = JSON.parse(await readFile(json, 'utf8'));
  expect(report.pictures[0].lines[0]).toMatchObject({ name: 'trained LSTM' });
});

it.each([
  { args: ['none', '--data', '.'], code: 'CHECKPOINT_NOT_FOUND' },
  { args: ['none'], code: 'USAGE' },
  { args: ['--data', '.'], code: 'USAGE' },
  { args: ['none', '--data', '.', '--steps', '5'], code: 'USAGE' },
  { args: ['--steps', '1'], code: 'USAGE' },
])('says what is wrong with $args by a code', async ({ args, code }) => {
  const { stderr, ...ended } = await runCommand(['diagnose', 'gradients', ...args], '', folder);
  expect(stderr).toMatch(new RegExp(`\\[${code}\\]\n$`));
  expect(ended.code).toBe(2);
});
