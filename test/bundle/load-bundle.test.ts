import { appendFile, cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

const FILES = ['encoder.onnx', 'decoder.onnx', 'vocabulary.json', 'MODEL_CARD.md'];

let folder: string;
let directory: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeTinyBundle(join(folder, 'whole'));
});
beforeEach(async () => {
  directory = join(folder, 'copy');
  await rm(directory, { recursive: true, force: true });
  await cp(join(folder, 'whole'), directory, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

async function expectBroken(name: string): Promise<void> {
  await expect(loadBundle(directory)).rejects.toMatchObject({
    code: 'BUNDLE_BROKEN',
    message: expect.stringContaining(join(directory, name)),
  });
}

async function editManifest(edit: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(directory, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  edit(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

describe('a damaged model is named file by file, before it captions anything', () => {
  it.each(FILES)('%s with one bit changed', async (name) => {
    const bytes = await readFile(join(directory, name));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] as number) ^ 1;
    await writeFile(join(directory, name), bytes);
    await expectBroken(name);
  });

  it.each(FILES)('%s missing', async (name) => {
    await rm(join(directory, name));
    await expectBroken(name);
  });

  it.each(FILES)('%s cut short', async (name) => {
    await truncate(join(directory, name), 10);
    await expectBroken(name);
  });

  it.each(FILES)('%s with a byte too many', async (name) => {
    await appendFile(join(directory, name), 'x');
    await expectBroken(name);
  });

  it.each([
    ['cut short', '{"schemaVersion": 1, "na'],
    ['empty', ''],
    ['of another kind', '[1, 2]'],
    ['without its configuration', '{"schemaVersion": 1, "name": "x"}'],
  ])('manifest.json %s', async (_, text) => {
    await writeFile(join(directory, 'manifest.json'), text);
    await expectBroken('manifest.json');
  });

  it('manifest.json that lists no checksum for a network', async () => {
    await editManifest((manifest) => {
      delete (manifest.files as Record<string, unknown>)['decoder.onnx'];
    });
    await expectBroken('manifest.json');
  });

  it('manifest.json that lists a file outside of the folder', async () => {
    await editManifest((manifest) => {
      const files = manifest.files as Record<string, unknown>;
      files['../other'] = files['decoder.onnx'];
    });
    await expectBroken('manifest.json');
  });

  it('manifest.json with a decoder that does not exist', async () => {
    await editManifest((manifest) => {
      (manifest.configuration as { decoder: { cell: string } }).decoder.cell = 'transformer';
    });
    await expectBroken('manifest.json');
  });
});

it('a file of the user beside the model does no harm', async () => {
  await writeFile(join(directory, 'notes.txt'), 'mine');
  expect((await loadBundle(directory)).manifest.name).toBe('tiny');
});

it.each(['nowhere', '.'])('a folder without a model is not found: %s', async (name) => {
  const path = join(folder, name);
  await expect(loadBundle(path)).rejects.toMatchObject({
    code: 'BUNDLE_NOT_FOUND',
    message: expect.stringContaining(path),
  });
});

it('a model of a newer Legenda asks for an update, whatever else is new in it', async () => {
  await writeFile(join(directory, 'manifest.json'), '{"schemaVersion": 2, "weights": "elsewhere"}');
  await expect(loadBundle(directory)).rejects.toMatchObject({
    code: 'BUNDLE_VERSION',
    message: expect.stringContaining('update'),
  });
});
