import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runExample } from '../support/example.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-char-rnn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('hello: learns "ello" from "hell" and shows every hidden state, two for the same letter', async () => {
  const { code, stdout } = await runExample('char-rnn/hello.mjs');
  expect(code).toBe(0);
  const rows = stdout
    .slice(stdout.indexOf('After:'))
    .split('\n')
    .filter((line) => /^[helo] /.test(line));
  expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([
    ['h', 'e'],
    ['e', 'l'],
    ['l', 'l'],
    ['l', 'o'],
  ]);
  // Reads, three units, four probabilities, tells.
  for (const row of rows) expect(row.split(/ +/)).toHaveLength(9);
  expect(rows[2]?.slice(7, 24)).not.toBe(rows[3]?.slice(7, 24));
}, 300_000);

it('write: learns a text of its own and writes on in it, the same for the same seed, at any temperature', async () => {
  const file = join(folder, 'text.txt');
  writeFileSync(file, 'the cat sat on the mat. '.repeat(20));
  const common = [file, '--hidden', '24', '--length', '100'];
  const write = async (...args: string[]) => {
    const { code, stdout } = await runExample('char-rnn/write.mjs', [...common, ...args]);
    expect(code).toBe(0);
    return stdout.split('it writes:\n\n')[1] ?? '';
  };
  const cold = await write('--steps', '60', '--temperature', '0.1');
  expect(cold).toContain('the cat sat on the mat. the cat');
  const short = ['--steps', '1', '--temperature', '5', '--cell', 'gru'];
  const wild = await write(...short);
  expect([...wild.slice(0, -1)]).toHaveLength(100);
  expect(await write(...short)).toBe(wild);
}, 300_000);
