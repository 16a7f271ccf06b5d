import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { type Dataset, readDataset } from '../../src/datasets/index.js';
import { latestCheckpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import {
  type StepReport,
  type TrainOptions,
  train,
  trainingConfigurationSchema,
} from '../../src/training/index.js';

// Hours of work for a budget of seconds.
const configuration = trainingConfigurationSchema.parse({
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: {
    decoder: { epochs: 100_000, batch: 8, warmUpSteps: 1 },
    endToEnd: { epochs: 50_000, batch: 8, warmUpSteps: 1 },
  },
  precision: 'fp32',
});

let folder: string;
let dataset: Dataset;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-budget-'));
  await writeShapes({ out: join(folder, 'shapes'), images: 24 });
  dataset = await readDataset(join(folder, 'shapes'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(name: string, options: Partial<TrainOptions>) {
  const steps: StepReport[] = [];
  const messages: string[] = [];
  const result = await train({
    configuration,
    datasets: [dataset],
    out: join(folder, name),
    onMessage: (message) => messages.push(message),
    ...options,
    onStep: (report) => {
      steps.push(report);
      options.onStep?.(report);
    },
  });
  return { result, steps, messages };
}

describe('a time budget', () => {
  it('shortens every stage, says so, and each learning rate falls to where its stage ends', async () => {
    const { result, steps, messages } = await run('whole', { timeBudget: 30 });
    expect(result.finished).toBe(true);
    expect(messages.join('\n')).toMatch(/planned for 0 min 30 s: decoder [\d.]+ of 100000 epochs, endToEnd/);
    for (const stage of ['decoder', 'endToEnd'] as const) {
      const last = steps.filter((report) => report.stage === stage).at(-1);
      expect(last?.step).toBe(last?.steps);
      expect(last?.epochs).toBeLessThan(configuration.stages[stage].epochs);
      // A twentieth is where the cosine ends.
      if ((last?.steps ?? 0) > 20)
        expect(last?.learningRate).toBeLessThan(0.1 * configuration.stages[stage].learningRate);
    }
  }, 120_000);

  it('keeps its plan in the checkpoint: a resumed run ends where that says', async () => {
    const abort = new AbortController();
    await run('stopped', {
      timeBudget: 30,
      signal: abort.signal,
      onStep: ({ stage }) => stage === 'endToEnd' && abort.abort(),
    });
    const latest = await latestCheckpoint(join(folder, 'stopped', 'checkpoints'));
    const { configuration: planned, progress } = await readCheckpoint(latest ?? '');
    expect(planned.stages.endToEnd.epochs).toBeLessThan(configuration.stages.endToEnd.epochs);
    expect(progress.timeBudget?.used).toBeGreaterThan(0);
    const { result, steps } = await run('stopped', { resume: true });
    expect(result.finished).toBe(true);
    expect(steps[0]?.step).toBe(progress.step + 1);
    expect(steps[0]?.epochs).toBe(planned.stages.endToEnd.epochs);
  }, 120_000);

  it('that is too short says how long it has to be, and leaves the folder free', async () => {
    await expect(run('short', { timeBudget: 0.01 })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      expected: expect.stringMatching(/^a time budget of at least \d/),
    });
    expect(await latestCheckpoint(join(folder, 'short', 'checkpoints'))).toBeUndefined();
  });
});
