import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fitAutoregression } from '../../examples/time-series/autoregression.mjs';
import { Random } from '../../src/random.js';
import { runExample } from '../support/example.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-time-series-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('forecast: beats least squares on a series that is not linear, and plots both', async () => {
  const plot = join(folder, 'forecast.svg');
  const { code, stdout } = await runExample('time-series/forecast.mjs', ['--plot', plot, '--steps', '200']);
  expect(code).toBe(0);
  const errorOf = (name: string) => Number(new RegExp(`^${name} +([\\d.]+)`, 'm').exec(stdout)?.[1]);
  expect(errorOf('lstm')).toBeLessThan(0.5 * errorOf('AR\\(16\\)'));
  expect(errorOf('AR\\(16\\)')).toBeLessThan(0.5 * errorOf('last value'));
  expect(readFileSync(plot, 'utf8').match(/fill="none"/g)).toHaveLength(3);
}, 300_000);

it('forecast: takes numbers of a file and a window of any size, and says when there are too few', async () => {
  const file = join(folder, 'numbers.txt');
  writeFileSync(file, Array.from({ length: 60 }, (_, t) => 10 + Math.sin(t)).join('\n'));
  const plot = ['--plot', join(folder, 'own.svg')];
  const args = [file, '--window', '5', '--cell', 'gru', '--hidden', '4', '--steps', '2', ...plot];
  const { code, stdout } = await runExample('time-series/forecast.mjs', args);
  expect(code).toBe(0);
  // A sine is what two values before it say: least squares has it exactly.
  expect(stdout).toMatch(/last 15 values, each from the 5 before it:\ngru .*\nAR\(5\) +0\.000\d\d /);
  const few = await runExample('time-series/forecast.mjs', [file, '--window', '30', ...plot]);
  expect(few.code).toBe(1);
  expect(few.stderr).toContain('too few for a window of 30');
}, 300_000);

it('least squares finds the factors of a linear series', () => {
  const random = new Random(4);
  const windows = Array.from({ length: 50 }, () => {
    const given = [random.normal(), random.normal(), random.normal()];
    return { given, next: 2 - 0.5 * given[0]! + 3 * given[2]! };
  });
  const forecast = fitAutoregression(windows);
  expect(forecast([1, 1, 1])).toBeCloseTo(4.5, 5);
  expect(forecast([0, 5, 0])).toBeCloseTo(2, 5);
});
