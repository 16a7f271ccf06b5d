import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { type Dataset, readDataset } from '../../src/datasets/index.js';
import { LegendaError } from '../../src/errors.js';
import { tf } from '../../src/tensorflow.js';
import { latestCheckpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import { type TrainOptions, train, trainingConfigurationSchema } from '../../src/training/index.js';
import { SmallDisk } from '../support/small-disk.js';

// 3 steps with the encoder frozen, then 3 from pixels.
const configuration = trainingConfigurationSchema.parse({
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: {
    decoder: { epochs: 1, batch: 8, warmUpSteps: 1 },
    endToEnd: { epochs: 1, batch: 8, warmUpSteps: 1, distillation: 0 },
  },
  precision: 'fp32',
  checkpointSteps: 1,
});

const disk = SmallDisk.mount(8);
let folder: string;
let dataset: Dataset;
let undisturbed: number[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-failures-'));
  await writeShapes({ out: join(folder, 'shapes'), images: 24 });
  dataset = await readDataset(join(folder, 'shapes'));
  undisturbed = (await run('undisturbed')).losses;
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  disk?.unmount();
});

/** Runs training; what it fails with is given back. */
async function run(name: string, options: Partial<TrainOptions> = {}, within = folder) {
  const losses: number[] = [];
  const out = join(within, name);
  const onStep: TrainOptions['onStep'] = (report) => {
    losses.push(report.loss);
    options.onStep?.(report);
  };
  const error = await train({ configuration, datasets: [dataset], out, ...options, onStep }).then(
    () => undefined,
    (thrown) => thrown as LegendaError,
  );
  return { losses, error, checkpoint: await latestCheckpoint(join(out, 'checkpoints')) };
}

describe('a run that fails', () => {
  describe.skipIf(disk === undefined)('on a full disk (needs the right to mount one)', () => {
    it.each([
      { where: 'while features are kept', at: 'images to learn from', left: 4096 },
      { where: 'in a checkpoint', at: 1, left: 4096 },
      { where: 'in the log', at: 2, left: 0 },
      { where: 'in the checkpoint of an epoch', at: 3, left: 16384 },
      { where: 'in the stage after it', at: 5, left: 4096 },
    ])('$where says so, and goes on to the same losses once there is room', async ({ where, at, left }) => {
      const out = where.replaceAll(' ', '-');
      const small = disk as SmallDisk;
      const failed = await run(
        out,
        {
          onMessage: (message) => typeof at === 'string' && message.includes(at) && small.fill(left),
          onStep: ({ stage, step }) => at === step + (stage === 'decoder' ? 0 : 3) && small.fill(left),
        },
        small.folder,
      );
      expect(failed.error).toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
      expect(failed.error?.received).toContain('ENOSPC');
      expect(failed.error?.advice).toContain(failed.checkpoint ?? 'no checkpoint');
      expect(failed.error?.advice).toContain('--resume');
      for (const name of await readdir(join(small.folder, out, 'checkpoints'))) {
        await readCheckpoint(join(small.folder, out, 'checkpoints', name));
      }
      small.makeRoom();
      const done =
        failed.checkpoint === undefined ? 0 : (await readCheckpoint(failed.checkpoint)).progress.totalSteps;
      const resumed = await run(out, { resume: true }, small.folder);
      expect(resumed.error).toBeUndefined();
      expect([...failed.losses.slice(0, done), ...resumed.losses]).toEqual(undisturbed);
      rmSync(join(small.folder, out), { recursive: true });
    });
  });

  it('for want of memory says so, how to need less, and which checkpoint is whole', async () => {
    const { error, checkpoint } = await run('no-memory', {
      onStep: ({ stage, step }) => {
        // More than there is, asked of TensorFlow within the run; it looks for it for ten seconds.
        if (stage === 'decoder' && step === 2) tf.fill([2 ** 18, 2 ** 18, 2 ** 10], 1);
      },
    });
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      received: expect.stringMatching(/^OOM when allocating/),
    });
    expect(error?.advice).toContain(`${checkpoint} is whole`);
    expect(error?.advice).toContain('a smaller batch');
    await readCheckpoint(checkpoint ?? '');
    const resumed = await run('no-memory', { resume: true });
    expect(resumed.losses).toEqual(undisturbed.slice(1));
  });

  it('for want of memory of JavaScript says so too', async () => {
    const { error } = await run('no-array', { onStep: () => void new ArrayBuffer(2 ** 46) });
    expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', received: 'Array buffer allocation failed' });
  });

  it('with a loss that is no number says what to lower, and keeps a checkpoint from before', async () => {
    const wild = trainingConfigurationSchema.parse({
      ...configuration,
      clip: { kind: 'none' },
      stages: { ...configuration.stages, decoder: { epochs: 40, batch: 8, learningRate: 1e30 } },
    });
    const { error, checkpoint } = await run('wild', { configuration: wild });
    expect(error).toMatchObject({ code: 'TRAINING_DIVERGED' });
    expect(error?.advice).toMatch(/learning rate or clip\.limit/);
    expect(error?.advice).toContain(checkpoint ?? 'no checkpoint');
    if (checkpoint === undefined) return;
    const { model } = await readCheckpoint(checkpoint);
    for (const { values } of [...model.decoder.values(), ...model.encoder.weights.values()]) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it('by the fault of its caller gives that fault back as it is', async () => {
    const fault = new Error('not of the run');
    const { error } = await run('fault', {
      onStep: () => {
        throw fault;
      },
    });
    expect(error).toBe(fault);
    expect(error).not.toBeInstanceOf(LegendaError);
  });
});
