import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { loadBundle, readBundleWeights } from '../../src/bundle/index.js';
import { type Dataset, readDataset } from '../../src/datasets/index.js';
import { tf } from '../../src/tensorflow.js';
import { latestCheckpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import {
  type StepReport,
  type TrainOptions,
  train,
  trainingConfigurationSchema,
} from '../../src/training/index.js';
import type { Weights } from '../../src/weights.js';

// A network that trains in seconds: 12 steps, the first 6 with the encoder frozen.
const configuration = trainingConfigurationSchema.parse({
  name: 'tiny',
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: {
    decoder: { epochs: 2, batch: 8, learningRate: 1e-2, warmUpSteps: 1 },
    endToEnd: { epochs: 2, batch: 8, learningRate: 1e-2, encoderLearningRate: 1e-3, warmUpSteps: 1 },
  },
  checkpointSteps: 4,
});

let folder: string;
let dataset: Dataset;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-train-'));
  await writeShapes({ out: join(folder, 'shapes'), images: 24 });
  dataset = await readDataset(join(folder, 'shapes'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs training into a folder of that name, with the report of each step. */
async function run(name: string, options: Partial<TrainOptions> = {}) {
  const steps: StepReport[] = [];
  const out = join(folder, name);
  const result = await train({
    configuration,
    datasets: [dataset],
    out,
    ...options,
    onStep: (report) => {
      steps.push(report);
      options.onStep?.(report);
    },
  });
  return { out, result, steps };
}

async function weightsOf(checkpoint: string): Promise<{ encoder: Weights; decoder: Weights }> {
  const { model } = await readCheckpoint(checkpoint);
  return { encoder: model.encoder.weights, decoder: model.decoder };
}

async function latest(out: string): Promise<string> {
  const checkpoint = await latestCheckpoint(join(out, 'checkpoints'));
  if (checkpoint === undefined) throw new Error('no checkpoint');
  return checkpoint;
}

describe('training', () => {
  it('goes through both stages, moves every weight, lowers the loss and leaves a model', async () => {
    const tensors: number[] = [];
    const { out, result, steps } = await run('whole', {
      onStep: () => tensors.push(tf.memory().numTensors),
    });
    expect(result.finished).toBe(true);
    expect(steps.map(({ stage }) => stage)).toEqual([
      ...Array(6).fill('decoder'),
      ...Array(6).fill('endToEnd'),
    ]);
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
    for (const { gradientNorm, imagesPerSecond } of steps) {
      expect(gradientNorm).toBeGreaterThan(0);
      expect(imagesPerSecond).toBeGreaterThan(0);
    }
    // From the second step of a stage on, when the optimiser has its slots, no tensor is left behind; the batch read ahead
    // may be there already or not yet.
    for (const stage of [tensors.slice(1, 6), tensors.slice(7)]) {
      expect(Math.max(...stage) - Math.min(...stage)).toBeLessThanOrEqual(1);
    }

    const start = await weightsOf(await firstCheckpointOf(out));
    const end = await weightsOf(await latest(out));
    for (const part of ['encoder', 'decoder'] as const) {
      for (const [name, { values }] of end[part]) {
        expect(values, `${part}/${name} moved`).not.toEqual(start[part].get(name)?.values);
      }
    }
    const bundle = await loadBundle(result.model!);
    expect(bundle.vocabulary.size).toBeGreaterThan(10);
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
    expect(report.history).toHaveLength(4);
    const log = (await readFile(join(out, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(log).toHaveLength(12);
  });

  it.each([2, 5, 6, 9])(
    'stopped after step %i and resumed, it gives the losses and weights of a run never stopped',
    async (stop) => {
      const { out: undisturbed, steps: expected } = await run(`undisturbed-${stop}`);
      const abort = new AbortController();
      let done = 0;
      const first = await run(`stopped-${stop}`, {
        signal: abort.signal,
        onStep: () => {
          done++;
          if (done === stop) abort.abort();
        },
      });
      expect(first.result.finished).toBe(false);
      const second = await run(`stopped-${stop}`, { resume: true });
      expect(second.result.finished).toBe(true);
      expect([...first.steps, ...second.steps].map(({ loss }) => loss)).toEqual(
        expected.map(({ loss }) => loss),
      );
      expect(await weightsOf(await latest(second.out))).toEqual(await weightsOf(await latest(undisturbed)));
      const log = (await readFile(join(second.out, 'log.jsonl'), 'utf8')).trim().split('\n');
      expect(log.map((line) => JSON.parse(line).totalSteps)).toEqual(expected.map((_, index) => index + 1));
    },
  );

  it('learns to write from captions without pictures first, where some are given', async () => {
    const texts = dataset.examples.map(({ captions }) => captions);
    const stages = {
      ...configuration.stages,
      language: { ...configuration.stages.language, batch: 8, epochs: 2, warmUpSteps: 1, learningRate: 1e-2 },
      endToEnd: { ...configuration.stages.endToEnd, epochs: 0 },
    };
    const written = { ...configuration, stages };
    const { out, result, steps } = await run('with-texts', { configuration: written, texts });
    const language = steps.filter(({ stage }) => stage === 'language');
    expect(language.map(({ step }) => step)).toEqual(language.map((_, index) => index + 1));
    expect(language.length).toBeGreaterThan(3);
    const [started] = steps.filter(({ stage }) => stage === 'decoder');
    expect(started!.loss).toBeLessThan(language[0]!.loss);
    const { history, best } = (await readCheckpoint(await latest(out))).progress;
    expect(history.map(({ stage }) => stage)).toEqual(['language', 'language', 'decoder', 'decoder']);
    // No picture has judged the language stage, so its weights are nobody's best.
    expect(best?.stage).toBe('decoder');
    expect(result.finished).toBe(true);
  });

  it('goes on from a trained model: its words, its form, its weights', async () => {
    const { result, steps: fresh } = await run('to-begin-with');
    const init = await loadBundle(result.model!);
    const search = { ...init.manifest.search, beamWidth: 6, consensus: 6, expectedWords: 4 };
    const { steps, out } = await run('continued', {
      init: { ...init, manifest: { ...init.manifest, search } },
      configuration: { ...configuration, decoder: { ...configuration.decoder, hidden: 12 } },
    });
    expect(steps[0]!.loss).toBeLessThan(fresh[0]!.loss);
    const { model } = await readCheckpoint(await latest(out));
    expect(model.vocabulary.words).toEqual(init.vocabulary.words);
    expect(model.configuration).toEqual(init.manifest.configuration.decoder);
    const [given, became] = [await readBundleWeights(init), model];
    expect([...became.decoder.keys()]).toEqual([...given.decoder.keys()]);

    // It is searched alike, but which words to expect is its own to learn.
    const { manifest } = await loadBundle(join(out, 'model'));
    expect(manifest.search).toMatchObject({ beamWidth: 6, consensus: 3 });
    expect(manifest.search).not.toHaveProperty('expectedWords');
    const narrow = { ...search, beamWidth: 3, consensus: 3 };
    const asked = await run('asked', {
      init: { ...init, manifest: { ...init.manifest, search: narrow } },
      configuration: { ...configuration, search: { ...configuration.search, lengthPenalty: 1 } },
    });
    expect((await loadBundle(asked.result.model!)).manifest.search).toMatchObject({
      beamWidth: 3,
      lengthPenalty: 1,
      consensus: 2,
    });

    // A reader of its card is not told of an encoder that it does not have.
    const card = await readFile(join(out, 'model', 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain('It went on from the model tiny');
    const settings = JSON.parse(/```json\n(.*?)```/s.exec(card)?.[1] ?? '');
    expect(settings.encoder).toEqual({ fit: 'squash' });
  });

  it('goes on from a trained model in another language, with the words that it did not know', async () => {
    const { result } = await run('in-english');
    const init = await loadBundle(result.model!);
    const examples = dataset.examples.map((example) => ({
      ...example,
      captions: example.captions.map(() => 'Uma forma no Brasil à esquerda, em São Paulo.'),
    }));
    const messages: string[] = [];
    const { out } = await run('in-portuguese', {
      init,
      datasets: [{ ...dataset, examples }],
      configuration: {
        ...configuration,
        language: 'pt-BR',
        vocabulary: { ...configuration.vocabulary, maximumLength: 5 },
      },
      onMessage: (message) => messages.push(message),
    });
    expect(messages).toContainEqual(expect.stringMatching(/^100 % of the captions .* 5 words/));
    const { manifest, vocabulary } = await loadBundle(join(out, 'model'));
    expect(manifest.language).toBe('pt-BR');
    const { words } = init.vocabulary;
    expect(vocabulary.words.slice(0, words.length)).toEqual(words);
    expect(vocabulary.words.slice(words.length).sort()).toEqual(
      ['brasil', 'em', 'esquerda', 'forma', 'no', 'paulo', 'são', 'uma', 'à'].sort(),
    );
    const tokens = vocabulary.encode(vocabulary.writing.tokenise('UMA FORMA NO BRASIL, EM SÃO PAULO'));
    expect(vocabulary.sentence(tokens)).toBe('Uma forma no Brasil em São Paulo.');
  });

  it('stopped before its first step, it ends in order and can be resumed', async () => {
    const { result } = await run('stopped-at-once', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ finished: false, progress: { totalSteps: 0 } });
    const resumed = await run('stopped-at-once', { resume: true });
    expect(resumed.result.finished).toBe(true);
  });

  it('stopped while the finished model is judged, it leaves the model, and judges it when resumed', async () => {
    const abort = new AbortController();
    const { result, out } = await run('stopped-at-last', {
      signal: abort.signal,
      onMessage: (message) => {
        if (message.startsWith('endToEnd epoch 2')) abort.abort();
      },
    });
    expect(result.finished).toBe(false);
    expect((await loadBundle(join(out, 'model'))).manifest.metrics).toEqual({ dev: {} });
    const { steps, result: resumed } = await run('stopped-at-last', { resume: true });
    expect(resumed.finished).toBe(true);
    expect(steps).toEqual([]);
    expect((await loadBundle(join(out, 'model'))).manifest.metrics).toMatchObject({
      dev: { shapes: { images: expect.any(Number) } },
    });
  });

  it('does not go on with other data than it began with', async () => {
    const abort = new AbortController();
    await run('other-data', { signal: abort.signal, onStep: () => abort.abort() });
    const [first, ...rest] = dataset.examples;
    const rewritten = { ...dataset, examples: [{ ...first!, captions: ['A red dog.'] }, ...rest] };
    await expect(run('other-data', { resume: true, datasets: [rewritten] })).rejects.toMatchObject({
      code: 'DATASET_CHANGED',
      received: 'other captions in shapes',
    });
    const { result } = await run('other-data', { resume: true });
    expect(result.finished).toBe(true);
  });

  it('does not write over a run, and says how to go on with it', async () => {
    await run('once');
    await expect(run('once')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      advice: expect.stringContaining('--resume'),
    });
  });

  it('refuses a run of stage language alone that is given nothing to read', async () => {
    const { stages } = configuration;
    const none = { decoder: { ...stages.decoder, epochs: 0 }, endToEnd: { ...stages.endToEnd, epochs: 0 } };
    const language = trainingConfigurationSchema.parse({ ...configuration, stages: { ...stages, ...none } });
    await expect(run('nothing', { configuration: language })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      received: expect.stringContaining('--text'),
    });
  });

  it('stops with a code when the loss is no longer a number, the last checkpoint intact', async () => {
    const wild = trainingConfigurationSchema.parse({
      ...configuration,
      clip: { kind: 'none' },
      stages: {
        ...configuration.stages,
        decoder: { ...configuration.stages.decoder, epochs: 40, learningRate: 1e30 },
      },
    });
    await expect(run('wild', { configuration: wild })).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    for (const name of await readdir(join(folder, 'wild', 'checkpoints'))) {
      await readCheckpoint(join(folder, 'wild', 'checkpoints', name));
    }
  });
});

/** The weights before the first step, from a run that is stopped once its data is read. */
async function firstCheckpointOf(out: string): Promise<string> {
  const abort = new AbortController();
  const name = `${out.split('/').at(-1)}-start`;
  await run(name, { signal: abort.signal, onMessage: () => abort.abort() });
  return latest(join(folder, name));
}
