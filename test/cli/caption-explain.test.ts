import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
let photos: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-caption-explain-'));
  await writeTinyBundle(join(root, 'model'));
  await writeTinyBundle(join(root, 'looks-once'), { configuration: { attention: 'none' } });
  photos = ['red', 'blue'].map((colour) => join(root, `${colour}.png`));
  for (const path of photos) {
    const background = path.includes('red') ? 'red' : 'blue';
    await sharp({ create: { width: 40, height: 30, channels: 3, background } }).toFile(path);
  }
  await writeFile(join(root, 'broken.jpg'), 'Dear reader,');
});
afterAll(() => rm(root, { recursive: true }));

const caption = (model: string, ...args: string[]) =>
  runCommand(['caption', '--model', join(root, model), ...args]);

describe('legenda caption --explain', () => {
  it('writes the page beside the captions, which stay as they are', async () => {
    const folder = join(root, 'looked');
    const args = [...photos, join(root, 'broken.jpg'), '--format', 'jsonl'];
    const plain = await caption('model', ...args);
    const explained = await caption('model', ...args, '--explain', folder);
    expect(explained).toEqual(plain);
    expect(explained.code).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(
      ['0001-red.jpg', '0001-red.png', '0002-blue.jpg', '0002-blue.png', 'index.html'].sort(),
    );
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    for (const path of [...photos, join(root, 'broken.jpg')]) expect(page).toContain(`<h2>${path}</h2>`);
    expect(page.endsWith('</html>\n')).toBe(true);
  });

  it('refuses --resume and a model that looks only once, and writes nothing', async () => {
    const folder = join(root, 'nothing');
    const resumed = await caption('model', ...photos, '--explain', folder, '--resume', '--write', 'sidecar');
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain('--explain');
    const once = await caption('looks-once', ...photos, '--explain', folder);
    expect(once.code).toBe(2);
    expect(once.stderr).toContain('CONFIGURATION_INVALID');
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves nothing that is in the way of the next run when the output cannot be written', async () => {
    const folder = join(root, 'again');
    const lost = await caption(
      'model',
      ...photos,
      '--explain',
      folder,
      '--output',
      join(root, 'no/where.csv'),
    );
    expect(lost.stderr).toContain('OUTPUT_UNWRITABLE');
    // What a killed process leaves is not in the way either.
    await writeFile(join(folder, '.index.html.0123456789ab.partial'), '');
    expect((await caption('model', ...photos, '--explain', folder)).code).toBe(0);
  });
});
