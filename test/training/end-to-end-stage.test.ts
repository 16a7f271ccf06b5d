import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { CaptionModel } from '../../src/training/caption-model.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { OriginalEncoder } from '../../src/training/distillation.js';
import { endToEndStage } from '../../src/training/end-to-end-stage.js';
import { Optimiser } from '../../src/training/optimiser.js';
import * as atOnce from '../../src/training/pictures-at-once.js';
import { trainingStep } from '../../src/training/stage.js';
import { writePhoto } from '../fixtures/datasets.js';
import { noFeatures } from '../support/no-features.js';
import { tinyContents } from '../support/tiny-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-end-to-end-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const IMAGES = [0, 1, 2, 3, 4];

/** One step of plain gradient descent on five pictures whose captions differ in length and number. */
async function step() {
  const contents = tinyContents();
  const configuration = trainingConfigurationSchema.parse({
    decoder: { ...contents.configuration, dropout: { memory: 0, embedding: 0, output: 0 } },
    stages: { endToEnd: { batch: 5, distillation: 0.5, augment: false } },
    clip: { kind: 'none' },
  });
  const model = new CaptionModel({ ...contents, configuration: configuration.decoder });
  const original = new OriginalEncoder(tinyContents({ seed: 2 }).encoder);
  const training = await Promise.all(
    IMAGES.map(async (image) => {
      const path = join(folder, `${image}.jpg`);
      await writePhoto(path);
      const caption = [1, ...IMAGES.slice(0, image).map((word) => word + 4), 2];
      return { image: path, captions: image % 2 === 0 ? [caption] : [caption, [1, 9, 2]], mirrorable: true };
    }),
  );
  const features = noFeatures;
  const stage = endToEndStage(configuration, model, training, features, original);
  const batch = { images: IMAGES, captions: training.map(({ captions }) => captions) };
  const optimiser = new Optimiser(configuration.optimiser);
  const gradients = new Map<string, Float32Array>();
  vi.spyOn(optimiser, 'apply').mockImplementation((_, given) => {
    for (const [name, gradient] of given) gradients.set(name, gradient.dataSync().slice() as Float32Array);
  });
  const prepared = await stage.prepare(batch, Random.of(1), 0);
  const tensors = tf.memory().numTensors;
  const { loss } = trainingStep(stage, prepared, optimiser, configuration.clip, 1);
  expect(tf.memory().numTensors).toBe(tensors);
  prepared.dispose();
  original.dispose();
  model.dispose();
  optimiser.dispose();
  return { loss, gradients };
}

describe('stage endToEnd', () => {
  it('has the same loss and gradients whether pictures go through the encoder all at once or a few at a time', async () => {
    const whole = await step();
    vi.spyOn(atOnce, 'picturesAtOnce').mockReturnValue([
      { start: 0, end: 2 },
      { start: 2, end: 5 },
    ]);
    const inParts = await step();
    expect(inParts.loss).toBeCloseTo(whole.loss, 5);
    expect(whole.gradients.size).toBeGreaterThan(10);
    for (const [name, gradient] of whole.gradients) {
      const added = inParts.gradients.get(name);
      gradient.forEach((value, index) => {
        expect(added?.[index], name).toBeCloseTo(value, 5);
      });
    }
  });
});

describe('picturesAtOnce', () => {
  it('takes small pictures all at once, and splits many pixels into even parts', () => {
    expect(atOnce.picturesAtOnce(32, { height: 32, width: 32 })).toEqual([{ start: 0, end: 32 }]);
    const parts = atOnce.picturesAtOnce(32, { height: 260, width: 260 });
    expect(parts.map(({ start, end }) => end - start)).toEqual([6, 7, 6, 7, 6]);
    expect(parts.at(-1)?.end).toBe(32);
    expect(atOnce.picturesAtOnce(2, { height: 4000, width: 4000 })).toHaveLength(2);
  });
});
