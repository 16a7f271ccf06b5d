import type { Scalar } from '@tensorflow/tfjs-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../src/tensorflow.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import type { DevScore } from '../../src/training/dev-score.js';
import { Optimiser } from '../../src/training/optimiser.js';
import type { EpochRecord, TrainingProgress } from '../../src/training/progress.js';
import { runStage, type StageHooks } from '../../src/training/run-stage.js';
import type { Stage } from '../../src/training/stage.js';
import { NO_PROGRESS } from '../../src/training/start.js';
import { noFeatures } from '../support/no-features.js';

const configuration = trainingConfigurationSchema.parse({
  stages: { decoder: { epochs: 2, batch: 2, learningRate: 0.1 } },
});
const training = Array.from({ length: 4 }, (_, image) => ({
  image: `${image}.jpg`,
  captions: [[1, 4, 2]],
  mirrorable: true,
}));
const START: TrainingProgress = { ...NO_PROGRESS, stage: 'decoder' };

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
      losses: [() => tf.square(x) as Scalar],
      dispose: () => {},
    }),
    features: noFeatures,
  };
}

function scored(value: number): DevScore {
  return { ciderD: { set: value }, samples: {} };
}

function hooks(overrides: Partial<StageHooks> = {}): StageHooks & { records: EpochRecord[] } {
  const records: EpochRecord[] = [];
  return {
    records,
    onStep: async () => {},
    score: async () => scored(1),
    onBest: async () => {},
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

  it.each(['onStep', 'onEpoch', 'score'] as const)('leaves nothing in memory when %s fails', async (hook) => {
    const failing = {
      ...stage,
      prepare: async ({ images }: { images: readonly number[] }) => {
        const read = tf.zeros([100]);
        return {
          images: images.length,
          losses: [() => tf.square(x()) as Scalar],
          dispose: () => read.dispose(),
        };
      },
    };
    const x = () => stage.variables.get('x')!;
    const before = tf.memory().numTensors;
    const fails = hooks({ [hook]: () => Promise.reject(new Error('the disk is full')) });
    await expect(runStage(configuration, failing, optimiser, START, fails)).rejects.toThrow(
      'the disk is full',
    );
    optimiser.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on with fewer epochs when it is told to, and ends where they end', async () => {
    const shares: number[] = [];
    const watched = {
      ...stage,
      prepare: (...given: Parameters<Stage['prepare']>) => {
        shares.push(given[2]);
        return stage.prepare(...given);
      },
    };
    const seen = hooks({ onStep: async ({ step }) => (step === 1 ? 1.5 : undefined) });
    const end = await runStage(configuration, watched, optimiser, START, seen);
    expect(end.step).toBe(3);
    expect(seen.records.map(({ epoch }) => epoch)).toEqual([1, 1.5]);
    // What was read ahead for the second of four steps is read again as the second of three.
    expect(shares).toEqual([0, 1 / 4, 1 / 3, 2 / 3]);
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
    const seen = hooks({ score: async () => scored(scores.shift() ?? 0) });
    const end = await runStage(configuration, stage, optimiser, START, seen);
    expect(end.best).toEqual({ score: 0.5, stage: 'decoder', epoch: 1 });
  });

  it('says how much of it is done, from 0 to below 1', async () => {
    const seen: number[] = [];
    const { prepare } = stage;
    const watched: Stage = {
      ...stage,
      prepare: (batch, random, progress) => {
        seen.push(progress);
        return prepare(batch, random, progress);
      },
    };
    await runStage(configuration, watched, optimiser, START, hooks());
    expect(seen).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('scores weights that were trained elsewhere before it moves them, once', async () => {
    const trained = { ...stage, scoresStart: true };
    const scores = [0.7, 0.6, 0.5];
    const best: unknown[] = [];
    const seen = hooks({
      score: async () => scored(scores.shift() ?? 0),
      onBest: async (progress) => {
        best.push(progress.best);
      },
    });
    const end = await runStage(configuration, trained, optimiser, START, seen);
    expect(best).toEqual([{ score: 0.7, stage: 'decoder', epoch: 0 }]);
    expect(end.best).toEqual(best[0]);
    expect(seen.records.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });
});

describe('patience', () => {
  const patient = (epochs: number, patience: number): { stage: Stage; disposed: () => number } => {
    const stage = squareStage();
    let prepared = 0;
    let disposed = 0;
    return {
      stage: {
        ...stage,
        configuration: { ...stage.configuration, epochs, patience },
        prepare: async (batch, random, progress) => {
          prepared++;
          const ready = await stage.prepare(batch, random, progress);
          const dispose = () => {
            disposed++;
          };
          return { ...ready, dispose };
        },
      },
      disposed: () => disposed - prepared,
    };
  };
  const run = async (patience: number, scores: number[], start = START, saved: TrainingProgress[] = []) => {
    const { stage, disposed } = patient(9, patience);
    const optimiser = new Optimiser(configuration.optimiser);
    const left = [...scores];
    const seen = hooks({ score: async () => scored(left.shift() ?? 0) });
    const { onEpoch } = seen;
    const onEpochToo: typeof onEpoch = async (record, progress) => {
      saved.push(progress);
      await onEpoch(record, progress);
    };
    const end = await runStage(configuration, stage, optimiser, start, { ...seen, onEpoch: onEpochToo });
    optimiser.dispose();
    tf.dispose([...stage.variables.values()]);
    // What was read ahead for a step that is not taken is freed too.
    expect(disposed()).toBe(0);
    return { epochs: seen.records.length, best: end.best?.epoch };
  };

  it.each([
    { patience: 0, scores: [5, 4, 3, 2, 1, 1, 1, 1, 1], epochs: 9, best: 1 },
    { patience: 1, scores: [1, 2, 3, 2.9, 5], epochs: 4, best: 3 },
    { patience: 2, scores: [1, 2, 1, 2.5, 1, 2, 9], epochs: 6, best: 4 },
    { patience: 3, scores: [1, 1, 1, 1, 9], epochs: 4, best: 1 },
  ])(
    'of $patience epochs ends the stage after $epochs epochs',
    async ({ patience, scores, epochs, best }) => {
      expect(await run(patience, scores)).toEqual({ epochs, best });
    },
  );

  it('counts from a best one of an earlier stage, and is not forgotten when the run is resumed', async () => {
    const before: TrainingProgress = { ...START, best: { score: 4, stage: 'language', epoch: 2 } };
    const earlier: TrainingProgress = { ...START, best: { score: 4, stage: 'endToEnd', epoch: 2 } };
    expect((await run(2, [1, 1, 1], before)).epochs).toBe(3);
    expect((await run(2, [1, 1, 1], earlier)).epochs).toBe(2);
    const saved: TrainingProgress[] = [];
    await run(2, [3, 2, 1], START, saved);
    expect((await run(2, [9, 9, 9], saved[2])).epochs).toBe(0);
    expect((await run(2, [1, 9, 9], saved[1])).epochs).toBe(1);
  });
});

describe('averaged weights', () => {
  const averaging = trainingConfigurationSchema.parse({ ...configuration, optimiser: { averaging: 0.9 } });

  /** The value that the variable has while each set of weights is scored, and what is kept as best. */
  async function run(scoreOf: (x: number, call: number) => number) {
    const stage = squareStage();
    const x = stage.variables.get('x')!;
    const value = () => x.dataSync()[0] as number;
    const optimiser = new Optimiser(averaging.optimiser);
    const values: number[] = [];
    const kept: { value: number; averaged: boolean }[] = [];
    const after: number[] = [];
    const tensors: number[] = [];
    const seen = hooks({
      onStep: async () => {
        after.push(value());
        tensors.push(tf.memory().numTensors);
      },
      score: async () => {
        values.push(value());
        return scored(scoreOf(value(), values.length));
      },
      onBest: async ({ best }) => {
        kept.push({ value: value(), averaged: best?.averaged === true });
      },
    });
    await runStage(averaging, stage, optimiser, START, seen);
    expect(value()).toBe(after.at(-1));
    optimiser.dispose();
    x.dispose();
    expect(new Set(tensors.slice(1)).size).toBe(1);
    return { scored: values, kept, after, records: seen.records };
  }

  it('are scored beside the weights themselves, which then go on as they were', async () => {
    const { scored, after, records } = await run((value) => value);
    const [first, second, third, fourth] = after as [number, number, number, number];
    // The decay rises from 1/11 as long as it is below 0.9: of the second step 2/12, then 3/13, 4/14.
    const average = [second + (first - second) * (2 / 12)];
    average.push(third + ((average[0] as number) - third) * (3 / 13));
    average.push(fourth + ((average[1] as number) - fourth) * (4 / 14));
    const expected = [second, average[0], fourth, average[2]] as number[];
    scored.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] as number, 5);
    });
    expect(records.map(({ averageDevCiderD }) => averageDevCiderD?.set)).toEqual([scored[1], scored[3]]);
  });

  it('are kept where they score better, and only there', async () => {
    // x falls towards 0: the average lags behind, above it.
    const higher = await run((value) => value);
    expect(higher.kept).toEqual([{ value: higher.scored[1], averaged: true }]);
    const lower = await run((value) => -value);
    expect(lower.kept).toEqual([
      { value: lower.scored[0], averaged: false },
      { value: lower.scored[2], averaged: false },
    ]);
  });
});
