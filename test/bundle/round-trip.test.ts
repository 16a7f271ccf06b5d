import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/bundle/float16.js';
import { type Bundle, loadBundle, readBundleWeights, writeBundle } from '../../src/bundle/index.js';
import type { Weights } from '../../src/weights.js';
import { everyKind } from '../support/every-kind.js';
import { openModel, uint8 } from '../support/onnx-run.js';
import { tinyContents, writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
let directory: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));
const fresh = () => join(folder, `model-${Math.trunc(performance.now() * 1000)}`);

/** Weights as they come back from the precision: vectors are fp32 in each. */
function stored(weights: Weights, precision: 'fp32' | 'fp16'): Weights {
  const rounded = [...weights].map(([name, { shape, values }]) => {
    const half = precision === 'fp16' && shape.length > 1;
    return [name, { shape, values: half ? fromFloat16(toFloat16(values)) : values }] as const;
  });
  return new Map(rounded);
}

describe('a model can be trained further from its bundle alone', () => {
  it.each([
    ['fp32', {}],
    ['fp16', {}],
    ['fp32', { cell: 'gru', inject: 'firstToken', layers: 2, tieEmbedding: false }],
    ['fp16', { cell: 'simpleRnn', attention: 'none', inject: 'everyStep' }],
  ] as const)('weights stored as %s come back, %o', async (precision, configuration) => {
    directory = fresh();
    const { encoder, decoder } = await writeTinyBundle(directory, { precision, configuration });
    const read = await readBundleWeights(await loadBundle(directory));
    expect([...read.decoder]).toEqual([...stored(decoder, precision)]);
    expect({ ...read.encoder, weights: [...read.encoder.weights] }).toEqual({
      ...encoder,
      weights: [...stored(encoder.weights, precision)],
    });
  });

  it('every kind of layer comes back, with its weights in their order and layout', async () => {
    directory = fresh();
    const encoder = everyKind();
    await writeTinyBundle(directory, { encoder });
    const read = (await readBundleWeights(await loadBundle(directory))).encoder;
    expect({ ...read, weights: [...read.weights] }).toEqual({ ...encoder, weights: [...encoder.weights] });
  });

  it('a second writing of what was read is the same to the byte', async () => {
    directory = fresh();
    const contents = await writeTinyBundle(directory, { precision: 'fp16' });
    const first = await loadBundle(directory);
    await writeBundle(directory, { ...contents, ...(await readBundleWeights(first)) });
    const second = await loadBundle(directory);
    expect(second.manifest.files).toEqual(first.manifest.files);
  });

  it('a value that half precision cannot hold is not lost', async () => {
    directory = fresh();
    const { decoder, ...contents } = tinyContents({ precision: 'fp16' });
    decoder.get('output.kernel')!.values[3] = 1e6;
    await writeBundle(directory, { ...contents, decoder });
    const read = await readBundleWeights(await loadBundle(directory));
    expect(read.decoder.get('output.kernel')).toEqual(decoder.get('output.kernel'));
  });
});

describe('a bundle says what it is', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    directory = fresh();
    await writeTinyBundle(directory, { configuration: { cell: 'gru' }, precision: 'fp16' });
    bundle = await loadBundle(directory);
  });

  it('in its manifest', () => {
    expect(bundle.manifest).toMatchObject({
      schemaVersion: 1,
      name: 'tiny',
      licence: 'Apache-2.0',
      language: 'en',
      createdBy: expect.stringMatching(/^legenda \d/),
      configuration: {
        encoder: { name: 'tiny', height: 32, width: 32, mean: 127.5, deviation: 127.5, fit: 'squash' },
        decoder: { cell: 'gru', hidden: 8 },
      },
      featureGrid: { cells: 16, channels: 12, height: 4, width: 4 },
      precision: 'fp16',
      search: { method: 'beam', beamWidth: 3, lengthPenalty: 0.7, maximumLength: 8 },
      metrics: { CIDEr: 0.1 },
    });
    expect(Date.now() - Date.parse(bundle.manifest.created)).toBeLessThan(60_000);
  });

  it('with its words in their order', () => {
    expect(bundle.vocabulary.words).toEqual(tinyContents().vocabulary.words);
  });

  it('in five files and no more', async () => {
    const files = ['MODEL_CARD.md', 'decoder.onnx', 'encoder.onnx', 'manifest.json', 'vocabulary.json'];
    expect((await readdir(directory)).sort()).toEqual(files.sort());
  });
});

describe('a bundle is written whole or not at all', () => {
  const others = async () => (await readdir(folder)).filter((name) => name.includes('partial'));

  it('a failure half-way leaves what stood there before', async () => {
    directory = fresh();
    await writeTinyBundle(directory, { name: 'before' });
    // The manifest is written last, and a BigInt is no JSON.
    await expect(writeTinyBundle(directory, { metrics: { CIDEr: 1n } })).rejects.toThrow('BigInt');
    expect((await loadBundle(directory)).manifest.name).toBe('before');
    expect(await others()).toEqual([]);
  });

  it('a new bundle takes the place of the old one with all its files', async () => {
    directory = fresh();
    await writeTinyBundle(directory, { name: 'before' });
    await writeFile(join(directory, 'left-over.txt'), 'old');
    await writeTinyBundle(directory, { name: 'after' });
    expect((await loadBundle(directory)).manifest.name).toBe('after');
    expect(await readdir(directory)).not.toContain('left-over.txt');
    expect(await others()).toEqual([]);
  });

  it('a field that no reader would accept is refused by name', async () => {
    await expect(writeTinyBundle(fresh(), { name: '' })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('name'),
    });
  });

  it('weights that do not fit the configuration are refused by name', async () => {
    directory = fresh();
    const { decoder, ...contents } = tinyContents();
    decoder.delete('cell0.bias');
    const writing = writeBundle(directory, { ...contents, decoder });
    await expect(writing).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('cell0.bias'),
    });
    expect(await readdir(folder)).not.toContain(directory);
  });
});

it('ONNX Runtime runs what fp16 stores', async () => {
  directory = fresh();
  await writeTinyBundle(directory, { precision: 'fp16' });
  const bundle = await loadBundle(directory);
  const model = await openModel(bundle.encoderPath);
  const { memory } = await model.run({ pixels: uint8(new Uint8Array(32 * 32 * 3), 1, 32, 32, 3) });
  expect(memory!.shape).toEqual([1, 16, 8]);
});
