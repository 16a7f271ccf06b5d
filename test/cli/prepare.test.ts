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
