import type { Tensor3D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { impossibleEndings } from '../../src/text/index.js';
import { CaptionModel } from '../../src/training/caption-model.js';
import { CaptionReward } from '../../src/training/caption-reward.js';
import { ciderStage } from '../../src/training/cider-stage.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { Optimiser } from '../../src/training/optimiser.js';
import { trainingStep } from '../../src/training/stage.js';
import { toTrainingImage } from '../../src/training/training-images.js';
import { TINY_VOCABULARY, tinyContents } from '../support/tiny-bundle.js';

const CAPTIONS = [
  ['the dog runs on grass', 'a dog runs on the grass', 'red dog runs'],
  ['two people sits on blue ball', 'two people with blue ball', 'people with ball'],
  ['a cat sits in the water', 'the cat in water'],
];

/** The stage on three images, each of a grid that is noise, with what it needs. */
function setUp() {
  const contents = tinyContents({ seed: 3 });
  const configuration = trainingConfigurationSchema.parse({
    decoder: contents.configuration,
    vocabulary: { maximumLength: 8 },
    stages: { cider: { epochs: 1, batch: 3, samples: 8, temperature: 1, learningRate: 2e-2 } },
  });
  const model = new CaptionModel({ ...contents, configuration: configuration.decoder });
  const training = CAPTIONS.map((captions, image) =>
    toTrainingImage({ id: `${image}`, image: `${image}.jpg`, captions, split: 'train' }, TINY_VOCABULARY, 8),
  );
  const random = new Random(2);
  const grids = CAPTIONS.map(() =>
    Array.from({ length: 16 }, () => Array.from({ length: 12 }, () => random.normal())),
  );
  const read = async (images: readonly number[]): Promise<Tensor3D> =>
    tf.tensor3d(images.map((image) => grids[image] as number[][]));
  const features = { read, draw: read };
  const reward = new CaptionReward(CAPTIONS, TINY_VOCABULARY, impossibleEndings('en'));
  const stage = ciderStage(configuration, model, training, features, reward);
  const optimiser = new Optimiser(configuration.optimiser);
  const step = async (seed: number) => {
    const batch = { images: [0, 1, 2], captions: training.map(({ captions }) => captions) };
    const prepared = await stage.prepare(batch, Random.of(seed), 0);
    const result = trainingStep(stage, prepared, optimiser, configuration.clip, 1);
    prepared.dispose();
    return result;
  };
  const dispose = () => {
    optimiser.dispose();
    model.dispose();
  };
  return { model, step, dispose };
}

describe('stage cider', () => {
  it('raises the expected CIDEr-D of what the decoder writes, and leaves no tensor behind', async () => {
    const { step, dispose } = setUp();
    const rewards: number[] = [];
    const tensors = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      rewards.push(-(await step(seed)).loss);
      if (seed > 0) tensors.add(tf.memory().numTensors);
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(rewards.slice(0, 20))).toBeGreaterThan(0);
    expect(mean(rewards.slice(-20))).toBeGreaterThan(3 * mean(rewards.slice(0, 20)));
    expect(tensors.size).toBe(1);
    dispose();
  });

  it('moves the decoder alone, and in the same way for the same seed', async () => {
    const runs = [setUp(), setUp()];
    const results = [];
    // Some seeds draw no caption of any reward: several do.
    for (const { step } of runs) results.push([await step(4), await step(5), await step(6), await step(7)]);
    expect(results[0]).toEqual(results[1]);
    const [before, after] = [tinyContents({ seed: 3 }), runs[0]?.model.weights()];
    expect(after?.encoder.weights).toEqual(before.encoder.weights);
    for (const [name, { values }] of before.decoder)
      expect(after?.decoder.get(name)?.values, name).not.toEqual(values);
    for (const { dispose } of runs) dispose();
  });
});
