import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const PHOTO = join(ROOT, 'examples/photos/cat.jpg');

/** A project that has installed the package as npm would publish it, and what it depends on, but not TensorFlow. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'legenda-package-'));
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  await run('npm', ['pack', '--silent', '--pack-destination', project], { cwd: ROOT });
  const { version, dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  await run('tar', ['xzf', `legenda-${version}.tgz`], { cwd: project });
  await rename(join(project, 'package'), join(modules, 'legenda'));
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

it('captions from a program of another project, with the model that comes along', async () => {
  await writeFile(
    join(project, 'caption.mjs'),
    `import { isCaptioned, loadCaptioner } from 'legenda';
    const captioner = await loadCaptioner();
    const [row] = await captioner.caption([${JSON.stringify(PHOTO)}]);
    await captioner.close();
    console.log(isCaptioned(row) ? row.caption : row.error.message);`,
  );
  const { stdout } = await run(process.execPath, ['caption.mjs'], { cwd: project });
  expect(stdout).toMatch(/\bcat\b/);
}, 30_000);

it('captions from the command line of another project, and says what training lacks', async () => {
  const legenda = (...args: string[]) =>
    run(process.execPath, ['node_modules/legenda/bin/legenda.js', ...args], { cwd: project });
  expect((await legenda('caption', PHOTO)).stdout).toMatch(/\bcat\b/);
  await copyFile(PHOTO, join(project, 'cat.jpg'));
  await writeFile(join(project, 'captions.csv'), 'image,caption\ncat.jpg,a cat\n');
  await expect(legenda('train', '--data', 'captions.csv', '--out', 'run')).rejects.toMatchObject({
    stderr: expect.stringMatching(/scripts\/setup\.mjs.*TENSORFLOW_MISSING/s),
  });
  expect(existsSync(join(project, 'node_modules/legenda/scripts/setup.mjs'))).toBe(true);
}, 30_000);

it('has types for all that it exports, and they need no TensorFlow', async () => {
  const legenda = join(project, 'node_modules/legenda');
  const { exports } = JSON.parse(await readFile(join(legenda, 'package.json'), 'utf8'));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const walk = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, from = ''] of (await readFile(file, 'utf8')).matchAll(
      /(?:from |import\()['"]([^'"]+)['"]/g,
    )) {
      if (from.startsWith('.')) await walk(resolve(dirname(file), from.replace(/\.js$/, '.d.ts')));
      else packages.add(from);
    }
  };
  await walk(join(legenda, exports['.'].types));
  expect(seen.size).toBeGreaterThan(20);
  const { dependencies } = JSON.parse(await readFile(join(legenda, 'package.json'), 'utf8'));
  for (const name of packages) expect(Object.keys(dependencies)).toContain(name);
});
