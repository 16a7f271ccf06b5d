import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  latestCheckpoint,
  readCheckpoint,
  removeOldCheckpoints,
  writeCheckpoint,
} from '../../src/training/checkpoint.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import type { Weights } from '../../src/weights.js';
import { parseSafetensors, readWeightsFile, safetensors, writeWeightsFile } from '../../src/weights-file.js';
import { tinyContents } from '../support/tiny-bundle.js';

const FILES = [
  'configuration.json',
  'decoder.safetensors',
  'encoder.json',
  'encoder.safetensors',
  'optimiser.safetensors',
  'progress.json',
  'vocabulary.json',
];

let root: string;
/** A folder of checkpoints, new for each test. */
let checkpoints: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-checkpoint-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  checkpoints = await mkdtemp(join(root, 'run-'));
});

function checkpointAt(totalSteps: number): Checkpoint {
  const { configuration: decoderForm, vocabulary, encoder, decoder } = tinyContents({ seed: totalSteps });
  const configuration = trainingConfigurationSchema.parse({ name: 'tiny', seed: 7, decoder: decoderForm });
  return {
    configuration,
    model: { configuration: configuration.decoder, vocabulary, encoder, decoder },
    progress: {
      stage: 'endToEnd',
      step: 3,
      totalSteps,
      optimiserSteps: 3,
      lossSum: 0.1 + 0.2,
      lossCount: 3,
      history: [{ stage: 'decoder', epoch: 0.5, loss: 1 / 3, devCiderD: { photos: 0.123456789 } }],
      best: { score: 0.123456789, stage: 'decoder', epoch: 0.5 },
    },
    optimiser: new Map([
      ['decoder/embedding/mean', { shape: [2, 2], values: new Float32Array([1e-30, -0, 3.4e38, 0.1]) }],
      ['decoder/words.bias/mean', { shape: [0], values: new Float32Array(0) }],
    ]),
  };
}

const path = (name = '00000200') => join(checkpoints, name);

describe('readCheckpoint, from which an interrupted run goes on', () => {
  it('gives back what was written, to the last bit', async () => {
    const written = checkpointAt(200);
    await writeCheckpoint(path(), written);
    const read = await readCheckpoint(path());
    expect(read).toEqual(written);
    expect([...read.optimiser.values()][0]?.values[1]).toBe(-0);
    expect((await readdir(path())).sort()).toEqual(FILES);
  });

  it('makes the folders above it', async () => {
    await writeCheckpoint(path('new/best'), checkpointAt(200));
    expect((await readCheckpoint(path('new/best'))).progress.totalSteps).toBe(200);
  });

  it.each(['nowhere', '.'])('says of %s that no checkpoint is there', async (name) => {
    await expect(readCheckpoint(path(name))).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
      received: path(name),
      advice: expect.stringContaining('best/'),
    });
  });

  it.each(FILES)('names %s when it is cut short at any byte, or missing', async (file) => {
    await writeCheckpoint(path(), checkpointAt(200));
    const target = join(path(), file);
    const whole = await readFile(target);
    // A JSON file that lacks only its last newline is whole.
    const most = file.endsWith('.json') ? whole.length - 2 : whole.length - 1;
    const cuts = [0, 1, 7, 8, 9, whole.length >> 1, most - 3, most];
    for (const cut of cuts) {
      await truncate(target, cut);
      await expect(readCheckpoint(path()), `cut at ${cut} of ${whole.length}`).rejects.toMatchObject({
        code: 'CHECKPOINT_BROKEN',
        received: expect.stringContaining(target),
      });
      await writeFile(target, whole);
    }
    if (file === 'configuration.json') return;
    await rm(target);
    await expect(readCheckpoint(path())).rejects.toMatchObject({
      code: 'CHECKPOINT_BROKEN',
      received: expect.stringContaining(target),
    });
  });

  it('names the key that has another type than it was written with', async () => {
    await writeCheckpoint(path(), checkpointAt(200));
    const target = join(path(), 'progress.json');
    await writeFile(target, (await readFile(target, 'utf8')).replace('"step": 3', '"step": -3'));
    await expect(readCheckpoint(path())).rejects.toMatchObject({
      code: 'CHECKPOINT_BROKEN',
      received: expect.stringContaining('progress.json: step: '),
    });
  });
});

describe('writeCheckpoint', () => {
  it('leaves the checkpoint that was there when it fails, and nothing half done', async () => {
    await writeCheckpoint(path(), checkpointAt(200));
    const broken = checkpointAt(200);
    const failing = new Map(broken.optimiser);
    failing.values = () => {
      throw new Error('out of memory');
    };
    const written = writeCheckpoint(path(), { ...broken, optimiser: failing });
    await expect(written).rejects.toThrow('out of memory');
    expect(await readdir(checkpoints)).toEqual(['00000200']);
    expect(await readCheckpoint(path())).toEqual(checkpointAt(200));
  });
});

describe('latestCheckpoint and removeOldCheckpoints', () => {
  it('takes the one that got furthest, by number and not by spelling', async () => {
    for (const name of ['9', '100000000', '00000200']) await mkdir(path(name));
    expect(await latestCheckpoint(checkpoints)).toBe(path('100000000'));
  });

  it('finds none in a folder that is empty or not there', async () => {
    expect(await latestCheckpoint(checkpoints)).toBeUndefined();
    expect(await latestCheckpoint(path('nowhere'))).toBeUndefined();
  });

  it('takes no notice of one that a killed process had begun', async () => {
    await writeCheckpoint(path('00000200'), checkpointAt(200));
    await cp(path('00000200'), path('.00000400.0123456789ab.partial'), { recursive: true });
    await rm(path('.00000400.0123456789ab.partial/progress.json'));
    expect(await latestCheckpoint(checkpoints)).toBe(path('00000200'));
    await removeOldCheckpoints(checkpoints);
    expect(await latestCheckpoint(checkpoints)).toBe(path('00000200'));
  });

  it('keeps the latest, and what is no checkpoint', async () => {
    for (const name of ['00000200', '00000400', '00000600', 'kept by hand']) await mkdir(path(name));
    await removeOldCheckpoints(checkpoints);
    expect((await readdir(checkpoints)).sort()).toEqual(['00000600', 'kept by hand']);
    await removeOldCheckpoints(checkpoints);
    expect(await latestCheckpoint(checkpoints)).toBe(path('00000600'));
  });
});

describe('a weights file', () => {
  // The format keeps __metadata__ for itself.
  const name = fc.string().filter((text) => !text.startsWith('__'));
  const weights = fc
    .array(fc.tuple(name, fc.float32Array({ maxLength: 9 })), { maxLength: 4 })
    .map(
      (entries): Weights =>
        new Map(entries.map(([name, values]) => [name, { shape: [values.length], values }])),
    );
  const file = () => join(checkpoints, 'some.safetensors');

  it('gives back every name, in any script, and every value', async () => {
    await fc.assert(
      fc.asyncProperty(weights, async (written) => {
        await writeWeightsFile(file(), written);
        const read = await readWeightsFile(file());
        expect(new Map([...read].sort())).toEqual(new Map([...written].sort()));
      }),
      { numRuns: 40 },
    );
  });

  it('may hold whole numbers too, which are no weights', async () => {
    const tensors = new Map([
      ['bytes', { shape: [3], values: Int8Array.of(-128, 0, 127) }],
      ['numbers', { shape: [1, 2], values: Int32Array.of(-1, 2 ** 31 - 1) }],
    ]);
    const content = Buffer.concat(safetensors(tensors));
    expect(parseSafetensors(content)).toEqual(tensors);
    await writeFile(file(), content);
    await expect(readWeightsFile(file())).rejects.toThrow('bytes is not of float32');
  });

  it('is refused before there is memory for what its header claims', async () => {
    await writeWeightsFile(file(), new Map([['a', { shape: [1], values: Float32Array.of(1) }]]));
    const text = (await readFile(file(), 'latin1')).replace('"shape":[1]', '"shape":[2e12]');
    const header = text.slice(8, text.lastIndexOf('}') + 1).replace(/"__metadata__":\{[^}]*\},/, '');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(file(), Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]));
    await expect(readWeightsFile(file())).rejects.toThrow('a has another size than its shape');
  });

  it('is found damaged whichever bit has changed, so that no run goes on from wrong weights', async () => {
    const written: Weights = new Map([
      ['a', { shape: [2, 1], values: new Float32Array([1, 2]) }],
      ['b', { shape: [1], values: new Float32Array([3]) }],
    ]);
    await writeWeightsFile(file(), written);
    const whole = await readFile(file());
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(7)).map(([byte, bit]) => {
      const bytes = Buffer.from(whole);
      bytes[byte] = (bytes[byte] as number) ^ (1 << bit);
      return bytes;
    });
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        await writeFile(file(), bytes);
        const read = await readWeightsFile(file()).catch((error) => error);
        if (read instanceof Map) expect(read).toEqual(written);
        else
          expect(read).toMatchObject({
            code: 'CHECKPOINT_BROKEN',
            received: expect.stringContaining(file()),
          });
      }),
      { numRuns: 300 },
    );
  });

  it('is read without a checksum too: other tools write none', async () => {
    const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ';
    const bytes = Buffer.alloc(8 + header.length + 4);
    bytes.writeBigUInt64LE(BigInt(header.length));
    bytes.write(header, 8);
    bytes.writeFloatLE(1.5, 8 + header.length);
    await writeFile(file(), bytes);
    expect(await readWeightsFile(file())).toEqual(
      new Map([['w', { shape: [1], values: new Float32Array([1.5]) }]]),
    );
    await writeFile(file(), Buffer.concat([bytes, Buffer.alloc(4)]));
    await expect(readWeightsFile(file())).rejects.toMatchObject({ code: 'CHECKPOINT_BROKEN' });
  });

  it.skipIf(process.platform !== 'linux')('says that the disk is full', async () => {
    const written = writeWeightsFile(
      '/dev/full',
      new Map([['w', { shape: [1], values: new Float32Array(1) }]]),
    );
    await expect(written).rejects.toThrow('ENOSPC');
  });
});
