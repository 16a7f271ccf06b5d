import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Captioner } from '../../src/captioner/captioner.js';
import type { Dataset } from '../../src/datasets/index.js';
import { devMetrics } from '../../src/training/dev-metrics.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
let bundle: string;
let photo: string;
let broken: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-dev-metrics-'));
  bundle = join(folder, 'model');
  await writeTinyBundle(bundle);
  photo = join(folder, 'photo.png');
  const create = { width: 40, height: 30, channels: 3, background: 'teal' } as const;
  await sharp({ create }).png().toFile(photo);
  broken = join(folder, 'broken.png');
  await writeFile(broken, 'Dear reader,');
});
afterAll(() => rm(folder, { recursive: true }));

function dataset(name: string, image: string, split: 'train' | 'dev' = 'dev'): Dataset {
  const examples = [{ id: name, image, captions: ['A dog runs.'], split }];
  return { name, format: 'text-folder', root: folder, examples, dropped: [] };
}

describe('the scores of a trained model', () => {
  it('are those of the data sets whose dev split can be read: hours of training are not lost to the others', async () => {
    const datasets = [dataset('wet', broken), dataset('good', photo), dataset('no dev', photo, 'train')];
    const scores = await devMetrics(bundle, datasets);
    expect(Object.keys(scores)).toEqual(['good']);
    expect(scores.good).toMatchObject({ images: 1, ciderD: expect.any(Number) });
  });

  it('are not waited for after Ctrl-C, and the network is freed', async () => {
    const close = vi.spyOn(Captioner.prototype, 'close');
    const stopped = devMetrics(bundle, [dataset('good', photo)], AbortSignal.abort(new Error('stopped')));
    await expect(stopped).rejects.toThrow('stopped');
    expect(close).toHaveBeenCalledTimes(1);
  });
});
