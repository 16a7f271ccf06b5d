import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioner/index.js';
import { fixtureFormats, writeText } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-evaluate-'));
  await writeTinyBundle(join(root, 'model'));
});
afterAll(() => rm(root, { recursive: true }));

describe('legenda evaluate', () => {
  it('counts as new what stands neither in the train split nor in the captions of --text', async () => {
    const data = join(root, 'data');
    await fixtureFormats['text-folder']?.write(data, [
      { stem: 'a', captions: ['A dog runs.'], split: 'train' },
      { stem: 'b', captions: ['A cat sits.'], split: 'dev' },
    ]);
    const captioner = await loadCaptioner(join(root, 'model'));
    const [row] = await captioner.caption([join(data, 'dev', 'b.jpg')]);
    await captioner.close();
    const caption = row !== undefined && 'caption' in row ? row.caption : null;
    expect(caption).not.toBeNull();
    const evaluate = async (...more: string[]) => {
      const json = join(root, 'scores.json');
      const model = ['--model', join(root, 'model'), '--split', 'dev', '--json', json];
      expect(await runCommand(['evaluate', data, ...model, ...more])).toMatchObject({ code: 0 });
      return JSON.parse(await readFile(json, 'utf8'));
    };
    expect(await evaluate()).toMatchObject({ images: 1, novelCaptions: 1 });
    // Capitals and the full stop make no difference.
    await writeText(join(root, 'read.txt'), `${caption?.toUpperCase().replace('.', '')}\n`);
    expect(await evaluate('--text', join(root, 'read.txt'))).toMatchObject({ novelCaptions: 0 });
  });
});
