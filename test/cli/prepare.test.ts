import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDataset } from '../../src/datasets/index.js';
import { writePhoto, writeText } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-prepare-command-'));
  out = join(folder, 'out');
});
afterEach(() => rm(folder, { recursive: true }));

describe('legenda prepare', () => {
  it('tells what a table holds, in its language, and writes the splits that were asked for', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `${n}.jpg;Um cão e o gato número ${n}.`);
    await writeText(join(folder, 'shop/products.csv'), ['foto;titulo', ...rows, '99.jpg;Nada'].join('\n'));
    for (let n = 0; n < 40; n++) await writePhoto(join(folder, 'shop', `${n}.jpg`));
    await writeFile(join(folder, 'shop/7.jpg'), 'Dear reader');
    const columns = ['--columns', 'image=foto,caption=titulo'];
    const asked = [
      '--dev',
      '0.25',
      '--seed',
      '3',
      '--set',
      'language=pt',
      '--set',
      'vocabulary.minimumCount=2',
    ];
    const done = await runCommand(['prepare', join(folder, 'shop'), '--out', out, ...columns, ...asked]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/shop \(table\): 39 images/);
    expect(done.stdout).toMatch(/missing image: 1 image \(99\.jpg\)\n.*broken image: 1 image \(7\.jpg\)/);
    expect(done.stdout).toMatch(/vocabulary: 6 of \d+ words occur 2 times or more/);
    const { examples } = await readDataset(out);
    expect(examples).toHaveLength(39);
    expect(examples.filter(({ split }) => split !== 'train').length).toBeGreaterThan(10);
    expect((await readdir(out)).sort()).toEqual(['dropped.jsonl', 'examples.jsonl', 'images', 'report.html']);
  });

  it('never replaces what is not an earlier preparation', async () => {
    const data = join(folder, 'data');
    await writeText(join(data, 'table.csv'), 'image,caption\nimages/a.jpg,A dog.\nimages/b.jpg,A cat.');
    for (const name of ['a', 'b']) await writePhoto(join(data, 'images', `${name}.jpg`));
    await writeText(join(folder, 'site/index.html'), '<p>Mine</p>');
    await writeText(join(folder, 'site/images/logo.svg'), '<svg/>');
    await writeText(join(folder, 'photos/images/mine.svg'), '<svg/>');
    const prepare = (from: string, to: string) =>
      runCommand(['prepare', join(folder, from), '--out', join(folder, to)]);
    for (const to of ['data', '.', 'site', 'photos'])
      expect((await prepare('data', to)).stderr).toContain('OUTPUT_UNWRITABLE');
    expect((await readdir(join(data, 'images'))).sort()).toEqual(['a.jpg', 'b.jpg']);
    expect(await readdir(join(folder, 'site/images'))).toEqual(['logo.svg']);

    expect((await prepare('data', 'out')).code).toBe(0);
    expect((await prepare('out', 'out')).stderr).toContain('OUTPUT_UNWRITABLE');
    expect((await prepare('data', 'out')).code).toBe(0);
    expect((await readDataset(out)).examples).toHaveLength(2);
  });

  it('says what is wrong with columns, settings and data, and writes nothing', async () => {
    await writeText(join(folder, 'a.csv'), 'photo,caption\na.jpg,A dog.\n');
    const refused = async (...args: readonly string[]) =>
      (await runCommand(['prepare', join(folder, 'a.csv'), '--out', out, ...args])).stderr;
    expect(await refused()).toContain('--columns image=photo');
    expect(await refused('--columns', 'foto=photo')).toContain('USAGE');
    expect(await refused('--set', 'vocabulary.minimum=2')).toContain('vocabulary.minimumCount');
    expect(await refused('--format', 'coco')).toContain('DATASET_BROKEN');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });
});
