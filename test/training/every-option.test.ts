import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { type Bundle, loadBundle } from '../../src/bundle/index.js';
import { type Dataset, readDataset } from '../../src/datasets/index.js';
import { tf } from '../../src/tensorflow.js';
import { latestCheckpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import { type StepReport, train, trainingConfigurationSchema } from '../../src/training/index.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

const stage = { batch: 8, learningRate: 1e-2, warmUpSteps: 1 };
const configuration = trainingConfigurationSchema.parse({
  stages: {
    decoder: { ...stage, epochs: 2, scheduledSampling: 0.5, patience: 1 },
    endToEnd: { ...stage, epochs: 1, scheduledSampling: 0.5, distillation: 1 },
    cider: { ...stage, epochs: 1, samples: 3 },
  },
  optimiser: { averaging: 0.9 },
  checkpointSteps: 2,
});

let folder: string;
let dataset: Dataset;
let init: Bundle;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-options-'));
  await writeShapes({ out: join(folder, 'shapes'), images: 24 });
  dataset = await readDataset(join(folder, 'shapes'));
  await writeTinyBundle(join(folder, 'tiny'));
  init = await loadBundle(join(folder, 'tiny'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs training into a folder of that name, until it is over or that many steps are done. */
async function run(name: string, resume = false, most = Number.POSITIVE_INFINITY) {
  const steps: StepReport[] = [];
  const tensors: number[] = [];
  const abort = new AbortController();
  const out = join(folder, name);
  const { finished, progress } = await train({
    configuration,
    datasets: [dataset],
    out,
    init,
    resume,
    signal: abort.signal,
    onStep: (report) => {
      steps.push(report);
      tensors.push(tf.memory().numTensors);
      if (steps.length === most) abort.abort();
    },
  });
  return { out, steps, tensors, finished, progress };
}

async function weightsOf(out: string) {
  const latest = (await latestCheckpoint(join(out, 'checkpoints'))) ?? '';
  const [last, best] = [await readCheckpoint(latest), await readCheckpoint(join(out, 'best'))];
  return [last, best].map(({ model }) => [model.encoder.weights, model.decoder]);
}

describe('training with every option on', () => {
  let begun: ReturnType<typeof run> | undefined;
  /** The run that is never stopped, made once. */
  const wholeRun = () => {
    begun ??= run('whole');
    return begun;
  };

  it('goes through all stages, scores the average of each epoch too, and leaves no tensor behind', async () => {
    const whole = await wholeRun();
    const stages = whole.steps.map(({ stage }) => stage);
    expect(whole.finished).toBe(true);
    expect(new Set(stages)).toEqual(new Set(['decoder', 'endToEnd', 'cider']));
    for (const { averageDevCiderD } of whole.progress.history)
      expect(Object.keys(averageDevCiderD ?? {})).toHaveLength(1);
    for (const name of new Set(stages)) {
      // From the second step on, when the optimiser has its slots; the batch read ahead may be there already or not yet.
      const counts = whole.tensors.filter((_, index) => stages[index] === name).slice(1);
      expect(Math.max(...counts) - Math.min(...counts), name).toBeLessThanOrEqual(1);
    }
    const report = JSON.parse(await readFile(join(whole.out, 'report.json'), 'utf8'));
    expect(report.history).toEqual(whole.progress.history);
  });

  it.each(['decoder', 'endToEnd', 'cider'])(
    'stopped within stage %s, and at its end, it is resumed to the losses and weights of a run never stopped',
    async (name) => {
      const whole = await wholeRun();
      const stages = whole.steps.map(({ stage }) => stage);
      for (const stop of [stages.indexOf(name) + 1, stages.lastIndexOf(name) + 1]) {
        const first = await run(`${name}-${stop}`, false, stop);
        const second = await run(`${name}-${stop}`, true);
        expect(second.finished).toBe(true);
        expect([...first.steps, ...second.steps].map(({ loss }) => loss)).toEqual(
          whole.steps.map(({ loss }) => loss),
        );
        expect(second.progress).toEqual(whole.progress);
        expect(await weightsOf(second.out)).toEqual(await weightsOf(whole.out));
      }
    },
  );
});
