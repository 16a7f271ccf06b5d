import { type FSWatcher, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { Random } from '../../src/random.js';
import { latestCheckpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import { type RunningCommand, runCommand, startCommand } from '../support/command.js';

/** LEGENDA_KILLS=20 kills as often as docs/training.md tells of. */
const KILLS = Number(process.env.LEGENDA_KILLS ?? 3);

// Some 50 steps, and a checkpoint after every second one, so that many moments lie within saving one.
const configuration = {
  encoder: { source: 'small-cnn', size: 16 },
  decoder: { hidden: 8, embedding: 8, attentionUnits: 8 },
  vocabulary: { minimumCount: 1 },
  stages: {
    decoder: { epochs: 3, batch: 8, scheduledSampling: 0.5, patience: 2 },
    endToEnd: { epochs: 3, batch: 8 },
    cider: { epochs: 3, batch: 8, patience: 0 },
  },
  optimiser: { averaging: 0.9 },
  checkpointSteps: 2,
};

const folder = mkdtempSync(join(tmpdir(), 'legenda-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function command(out: string, ...more: string[]): string[] {
  return ['train', join(folder, 'train.json'), '--data', join(folder, 'shapes'), '--out', out, ...more];
}

function start(out: string): RunningCommand {
  // There before the command is, so that it can be watched from the first.
  mkdirSync(join(out, 'checkpoints'), { recursive: true });
  return startCommand(command(out));
}

/** What the steps lost, and the weights at the end. */
async function outcomeOf(out: string) {
  const log = (await readFile(join(out, 'log.jsonl'), 'utf8')).trim().split('\n');
  const { model } = await readCheckpoint((await latestCheckpoint(join(out, 'checkpoints'))) ?? '');
  const steps = log.map((line) => JSON.parse(line) as { totalSteps: number; stage: string; loss: number });
  return {
    steps: steps.map(({ totalSteps, stage, loss }) => ({ totalSteps, stage, loss })),
    weights: [model.encoder.weights, model.decoder],
  };
}

/** Kills a command after so many milliseconds of training. */
async function killAfter(running: RunningCommand, out: string, milliseconds: number): Promise<void> {
  await appearance(running, out, (name) => name === 'log.jsonl');
  const timer = setTimeout(() => running.signal('SIGKILL'), milliseconds);
  await running.finished;
  clearTimeout(timer);
}

/** Kills a command while it writes the checkpoint after so many others. */
async function killWhileSaving(running: RunningCommand, out: string, others: number): Promise<void> {
  let left = others;
  await appearance(running, join(out, 'checkpoints'), (name) => name.endsWith('.partial') && left-- <= 0);
  running.signal('SIGKILL');
  await running.finished;
}

/** Waits for a file that is looked for to be made in a folder, or for the command's end. */
async function appearance(
  running: RunningCommand,
  place: string,
  isIt: (name: string) => boolean,
): Promise<void> {
  const seen = new Set<string>();
  let watcher: FSWatcher | undefined;
  await Promise.race([
    running.finished,
    new Promise<void>((resolve) => {
      watcher = watch(place, (_, name) => {
        if (name === null || seen.has(name)) return;
        seen.add(name);
        if (isIt(name)) resolve();
      });
    }),
  ]);
  watcher?.close();
}

describe('training that is killed with -9', () => {
  let undisturbed: Awaited<ReturnType<typeof outcomeOf>>;
  let milliseconds: number;
  beforeAll(async () => {
    await writeShapes({ out: join(folder, 'shapes'), images: 48 });
    writeFileSync(join(folder, 'train.json'), JSON.stringify(configuration));
    const out = join(folder, 'undisturbed');
    const running = start(out);
    await appearance(running, out, (name) => name === 'log.jsonl');
    const begun = performance.now();
    const { code, stderr } = await running.finished;
    milliseconds = performance.now() - begun;
    expect(code, stderr).toBe(0);
    undisturbed = await outcomeOf(out);
    expect(new Set(undisturbed.steps.map(({ stage }) => stage))).toEqual(
      new Set(['decoder', 'endToEnd', 'cider']),
    );
  }, 300_000);

  it.each(Array.from({ length: KILLS }, (_, kill) => ({ kill: kill + 1, saving: kill % 2 === 1 })))(
    'kill $kill (while saving: $saving) resumes to the losses and weights of a run never killed',
    async ({ kill, saving }) => {
      const out = join(folder, `killed-${kill}`);
      const random = Random.of(KILLS, kill);
      const running = start(out);
      await (saving
        ? killWhileSaving(running, out, random.integer(undisturbed.steps.length / 2))
        : killAfter(running, out, random.uniform() * milliseconds));
      const { code } = await running.finished;
      const reached = (await readFile(join(out, 'log.jsonl'), 'utf8').catch(() => '')).split('\n').length - 1;
      console.log(
        `kill ${kill}: ${code === undefined ? 'killed' : `ended with ${code}`} after step ${reached}`,
      );
      const resumed = await runCommand(command(out, '--resume'));
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(await outcomeOf(out)).toEqual(undisturbed);
      rmSync(out, { recursive: true });
    },
    300_000,
  );
});
