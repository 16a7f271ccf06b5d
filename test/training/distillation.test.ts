import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import { afterAll, describe, expect, it } from 'vitest';
import { runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf, tidy } from '../../src/tensorflow.js';
import { CaptionModel } from '../../src/training/caption-model.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { divergence, OriginalEncoder, requireClassifier } from '../../src/training/distillation.js';
import { endToEndStage } from '../../src/training/end-to-end-stage.js';
import { Optimiser } from '../../src/training/optimiser.js';
import { trainingStep } from '../../src/training/stage.js';
import { writePhoto } from '../fixtures/datasets.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { noFeatures } from '../support/no-features.js';
import { tinyContents } from '../support/tiny-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-distillation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGES = 3;
const CLASSES = 5;
const random = new Random(6);
const normals = (deviation: number) =>
  Array.from({ length: IMAGES * CLASSES }, () => deviation * random.normal());
const original = normals(2);
const present = normals(2);

/** mean_b Σ_c q (log q − log p), number by number. */
function plain(z: readonly number[]): number {
  const logSoftmax = (values: readonly number[]) => {
    const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
    return values.map((value) => value - total);
  };
  let sum = 0;
  for (let image = 0; image < IMAGES; image++) {
    const row = (values: readonly number[]) => values.slice(image * CLASSES, (image + 1) * CLASSES);
    const [logP, logQ] = [logSoftmax(row(z)), logSoftmax(row(original))];
    logQ.forEach((value, c) => {
      sum += Math.exp(value) * (value - (logP[c] as number));
    });
  }
  return sum / IMAGES;
}

describe('divergence', () => {
  const evaluate = (z: readonly number[]) => {
    const q = tf.tensor2d(original, [IMAGES, CLASSES]);
    const { value, grad } = tf.valueAndGrad((logits: Tensor) => divergence(logits as Tensor2D, q))(
      tf.tensor2d([...z], [IMAGES, CLASSES]),
    );
    return { value: value.dataSync()[0] as number, gradient: [...grad.dataSync()] };
  };

  it('is the formula, and zero where nothing has moved', () => {
    expect(evaluate(present).value).toBeCloseTo(plain(present), 5);
    const { value, gradient } = evaluate(original);
    expect(value).toBeCloseTo(0, 6);
    for (const each of gradient) expect(each).toBeCloseTo(0, 6);
  });

  it('has the gradient that differences of the formula give', () => {
    const { gradient } = evaluate(present);
    const delta = 1e-5;
    present.forEach((_, i) => {
      const at = (change: number) => plain(present.map((value, j) => (j === i ? value + change : value)));
      expect(gradient[i]).toBeCloseTo((at(delta) - at(-delta)) / (2 * delta), 5);
    });
  });
});

/** Stage endToEnd on five grey pictures. */
async function setUp(distillation: number, reference = tinyContents().encoder) {
  const contents = tinyContents();
  const configuration = trainingConfigurationSchema.parse({
    decoder: { ...contents.configuration, dropout: { memory: 0, embedding: 0, output: 0 } },
    stages: { endToEnd: { batch: 5, distillation, encoderLearningRate: 3e-2 } },
  });
  const model = new CaptionModel({ ...contents, configuration: configuration.decoder });
  const training = await Promise.all(
    [0, 1, 2, 3, 4].map(async (image) => {
      const path = join(folder, `${image}.jpg`);
      await writePhoto(path);
      return { image: path, captions: [[1, 4 + image, 9, 2]], mirrorable: true };
    }),
  );
  const encoder = distillation > 0 ? new OriginalEncoder(reference) : undefined;
  const features = noFeatures;
  const stage = endToEndStage(configuration, model, training, features, encoder);
  const batch = { images: [0, 1, 2, 3, 4], captions: training.map(({ captions }) => captions) };
  const optimiser = new Optimiser(configuration.optimiser);
  const step = async (seed: number) => {
    const prepared = await stage.prepare(batch, Random.of(seed), 0);
    const result = trainingStep(stage, prepared, optimiser, configuration.clip, 1);
    prepared.dispose();
    return result;
  };
  /** How far the classes of a picture have moved from the original's. */
  const moved = () =>
    tidy(() => {
      const pixels = tf.fill([1, 32, 32, 3], 0.5 / 127.5) as never;
      const [before] = runEncoder(reference, encoderTensors(reference), pixels, ['logits']);
      return divergence(
        model.classLogits(model.features(pixels)),
        before as Tensor2D,
      ).dataSync()[0] as number;
    });
  const dispose = () => {
    optimiser.dispose();
    model.dispose();
    encoder?.dispose();
  };
  return { step, moved, model, stage, dispose };
}

describe('stage endToEnd with distillation', () => {
  it('begins with the loss that it has without, since nothing has moved yet', async () => {
    const [without, with1] = [await setUp(0), await setUp(1)];
    const expected = (await without.step(1)).loss;
    expect((await with1.step(1)).loss).toBeCloseTo(expected, 5);
    for (const { dispose } of [without, with1]) dispose();
  });

  it('draws the class probabilities to those of the original, and leaves its classifier alone', async () => {
    // An encoder that sees more of everything.
    const { encoder: other } = tinyContents();
    for (const name of ['first/bias', 'second/bias']) other.weights.get(name)!.values.fill(2);
    const runs = [await setUp(0, other), await setUp(5, other)];
    const begun = tinyContents().encoder;
    const moved: number[] = [];
    const tensors = new Set<number>();
    for (const { step, moved: measure, model, dispose } of runs) {
      moved.push(measure());
      for (let seed = 1; seed <= 15; seed++) {
        await step(seed);
        if (seed > 1) tensors.add(tf.memory().numTensors);
      }
      moved.push(measure());
      const { weights } = model.weights().encoder;
      expect(weights.get('logits/kernel')).toEqual(begun.weights.get('logits/kernel'));
      expect(weights.get('first/kernel')).not.toEqual(begun.weights.get('first/kernel'));
      expect(tensors.size).toBe(1);
      tensors.clear();
      dispose();
    }
    const [before, free, , drawn] = moved as [number, number, number, number];
    expect(free).toBeGreaterThan(0.7 * before);
    // Roundings grow over the steps: 0.15 to 0.32 of before, from run to run.
    expect(drawn).toBeLessThan(0.5 * before);
  });

  it('is refused with a code where the encoder has no classifier', () => {
    const configuration = (distillation: number, epochs = 1) =>
      trainingConfigurationSchema.parse({ stages: { endToEnd: { distillation, epochs } } });
    const { classifier: _, ...bare } = tinyContents().encoder;
    expect(() => requireClassifier(configuration(0.5), bare)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID', received: 'tiny, which has none' }),
    );
    for (const [distillation, epochs] of [
      [0, 1],
      [0.5, 0],
    ] as const)
      expect(() => requireClassifier(configuration(distillation, epochs), bare)).not.toThrow();
    expect(() => requireClassifier(configuration(0.5), tinyContents().encoder)).not.toThrow();
  });
});
