import type { Scalar } from '@tensorflow/tfjs-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../src/tensorflow.js';
import type { EpochRecord, TrainingProgress } from '../../src/training/checkpoint.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { Optimiser } from '../../src/training/optimiser.js';
import { runStage, type StageHooks } from '../../src/training/run-stage.js';
import type { Stage } from '../../src/training/stage.js';

const configuration = trainingConfigurationSchema.parse({
  stages: { decoder: { epochs: 2, batch: 2, learningRate: 0.1 } },
});
const training = Array.from({ length: 4 }, (_, image) => ({
  image: `${image}.jpg`,
  captions: [[1, 4, 2]],
  mirrorable: true,
}));
const START: TrainingProgress = {
  stage: 'decoder',
  step: 0,
  totalSteps: 0,
  optimiserSteps: 0,
  lossSum: 0,
  lossCount: 0,
  history: [],
  best: null,
};

/** A stage that lowers x². */
function squareStage(): Stage {
  const x = tf.variable(tf.scalar(3));
  return {
    name: 'decoder',
    configuration: configuration.stages.decoder,
    items: training,
    variables: new Map([['x', x]]),
    rateOf: () => configuration.stages.decoder.learningRate,
    prepare: async ({ images }) => ({
      images: images.length,
      loss: () => tf.square(x) as Scalar,
      dispose: () => {},
    }),
    features: { read: () => Promise.reject(new Error('not read here')) },
  };
}

function hooks(overrides: Partial<StageHooks> = {}): StageHooks & { records: EpochRecord[] } {
  const records: EpochRecord[] = [];
  return {
    records,
    onStep: async () => {},
    score: async () => ({ set: 1 }),
    onEpoch: async (record) => {
      records.push(record);
    },
    ...overrides,
  };
}

describe('a stage', () => {
  let stage: Stage;
  let optimiser: Optimiser;
  beforeEach(() => {
    stage = squareStage();
    optimiser = new Optimiser(configuration.optimiser);
  });
  afterEach(() => {
    optimiser.dispose();
    tf.dispose([...stage.variables.values()]);
  });

  it('takes every step of every epoch and scores each epoch', async () => {
    const seen = hooks();
    const end = await runStage(configuration, stage, optimiser, START, seen);
    expect(end).toMatchObject({ step: 4, totalSteps: 4, lossCount: 0 });
    expect(seen.records.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(seen.records[1]!.loss).toBeLessThan(seen.records[0]!.loss);
  });

  it('scores an epoch whose last step was saved when it was stopped before the score', async () => {
    let saved = START;
    const stopped = hooks({
      onStep: async (_, progress) => {
        saved = progress;
      },
      score: () => Promise.reject(new Error('killed')),
    });
    await expect(runStage(configuration, stage, optimiser, START, stopped)).rejects.toThrow('killed');
    const resumed = hooks();
    const end = await runStage(configuration, stage, optimiser, saved, resumed);
    expect(resumed.records.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(end.best).toEqual({ score: 1, stage: 'decoder', epoch: 1 });
  });

  it('keeps the best epoch, not the last', async () => {
    const scores = [0.5, 0.4];
    const seen = hooks({ score: async () => ({ set: scores.shift() ?? 0 }) });
    const end = await runStage(configuration, stage, optimiser, START, seen);
    expect(end.best).toEqual({ score: 0.5, stage: 'decoder', epoch: 1 });
  });
});
