import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { rewriteBundle } from '../../src/bundle/rewrite-bundle.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-rewrite-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('rewriteBundle', () => {
  it('keeps what others have put into the folder, and a link to it', async () => {
    const model = join(folder, 'model');
    await writeTinyBundle(model);
    await mkdir(join(model, '.git'));
    await writeFile(join(model, '.git', 'HEAD'), 'main');
    await writeFile(join(model, 'README.md'), 'Ours.');
    const link = join(folder, 'link');
    await symlink(model, link);
    await rewriteBundle(await loadBundle(link), {
      files: { 'MODEL_CARD.md': 'New.' },
      metrics: { confidence: { error: 0.1 } },
    });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const { manifest } = await loadBundle(model);
    expect(manifest.metrics).toMatchObject({ confidence: { error: 0.1 } });
    const read = (name: string) => readFile(join(model, name), 'utf8');
    expect(await Promise.all(['MODEL_CARD.md', 'README.md', '.git/HEAD'].map(read))).toEqual([
      'New.',
      'Ours.',
      'main',
    ]);
  });
});
