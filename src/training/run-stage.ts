import { Random } from '../random.js';
import { type Captioned, planEpoch } from './batches.js';
import { STAGES, type TrainingConfiguration } from './configuration.js';
import { learningRateShare } from './learning-rate.js';
import type { Optimiser } from './optimiser.js';
import type { StepReport, TrainingProgress } from './progress.js';
import { endEpoch, isOutOfPatience, type ScoreHooks, scoreStart } from './score-epoch.js';
import { type PreparedBatch, type Stage, type StepResult, trainingStep } from './stage.js';

export interface StageHooks extends ScoreHooks {
  /** @returns how many epochs the stage has from now on, where that is no longer what it was. */
  onStep(report: StepReport, progress: TrainingProgress): Promise<number | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/** Rates are taken over this many of the last steps. */
const RATE_STEPS = 50;

/**
 * Runs a stage from where `progress` says to its end. Each step depends on the seed, the stage and its number alone, so
 * that a resumed run goes through the same batches, masks and crops.
 */
export async function runStage(
  configuration: TrainingConfiguration,
  stage: Stage,
  optimiser: Optimiser,
  start: TrainingProgress,
  hooks: StageHooks,
): Promise<TrainingProgress> {
  let { epochs } = stage.configuration;
  const perEpoch = stepsPerEpoch(stage);
  let steps = stepsOf(epochs, perEpoch);
  const prepareStep = stepPlanner(configuration, stage);
  const prepare = (step: number) => prepareStep(step, steps);
  const endsEpoch = (step: number) => step % perEpoch === 0 || step === steps;
  const isOver = (reached: TrainingProgress) => reached.step >= steps || isOutOfPatience(stage, reached);
  let progress = start;
  if (stage.scoresStart === true && progress.step === 0 && progress.best === null) {
    progress = await scoreStart(stage, progress, hooks);
  }
  // Stopped after an epoch's last step and before its dev score: the score comes first.
  if (progress.lossCount > 0 && endsEpoch(progress.step)) {
    progress = await endEpoch(stage, optimiser, progress.step / perEpoch, progress, hooks);
  }
  let next = isOver(progress) ? undefined : prepare(progress.step);
  const times: { at: number; images: number }[] = [{ at: performance.now(), images: 0 }];
  try {
    while (next !== undefined) {
      const prepared: PreparedBatch = await next;
      // What the next step reads comes from disk and other threads while this one computes.
      next = progress.step + 1 < steps ? prepare(progress.step + 1) : undefined;
      // If it fails before it is awaited, that is told when it is awaited.
      next?.catch(() => {});
      const share = learningRateShare(stage.configuration, progress.step, steps);
      const { loss, gradientNorm } = takeStep(prepared, () => {
        hooks.signal?.throwIfAborted();
        return trainingStep(stage, prepared, optimiser, configuration.clip, share);
      });
      const step = progress.step + 1;
      progress = {
        ...progress,
        step,
        totalSteps: progress.totalSteps + 1,
        optimiserSteps: optimiser.steps,
        lossSum: progress.lossSum + loss,
        lossCount: progress.lossCount + 1,
      };
      const rates = rateOver(times, prepared.images);
      const changed = await hooks.onStep(
        {
          stage: stage.name,
          epoch: step / perEpoch,
          epochs,
          step,
          steps,
          loss,
          gradientNorm,
          learningRate: stage.configuration.learningRate * share,
          imagesPerSecond: rates.images,
          secondsLeft: (steps - step) / rates.steps,
        },
        progress,
      );
      if (changed !== undefined) {
        epochs = changed;
        steps = stepsOf(epochs, perEpoch);
        // What was read ahead was for a step of the longer stage.
        await discard(next);
        next = step < steps ? prepare(step) : undefined;
      }
      if (endsEpoch(step)) {
        progress = await endEpoch(stage, optimiser, step / perEpoch, progress, hooks);
        if (isOver(progress)) break;
        times.splice(0, times.length, { at: performance.now(), images: 0 });
      }
    }
    return progress;
  } finally {
    await discard(next);
  }
}

/** Steps of an epoch. */
export function stepsPerEpoch({ items, configuration }: Pick<Stage, 'items' | 'configuration'>): number {
  return Math.ceil(items.length / configuration.batch);
}

/** However small the fraction: a stage of no step would leave no weights to export. */
function stepsOf(epochs: number, perEpoch: number): number {
  return Math.max(1, Math.round(epochs * perEpoch));
}

/** What reads the inputs of a step, of so many. */
export function stepPlanner(
  configuration: TrainingConfiguration,
  stage: Stage,
): (step: number, steps: number) => Promise<PreparedBatch> {
  const { batch, captionsPerImage } = stage.configuration;
  const perEpoch = stepsPerEpoch(stage);
  const seed = Random.of(configuration.seed, STAGES.indexOf(stage.name)).integer(2 ** 31);
  const plan = epochPlanner(stage.items, batch, captionsPerImage, seed);
  return (step, steps) => {
    const epoch = Math.floor(step / perEpoch);
    const planned = plan(epoch)[step % perEpoch];
    if (planned === undefined) throw new Error(`no batch for step ${step}`);
    return stage.prepare(planned, Random.of(seed, epoch, step), step / steps);
  };
}

/** Takes a step and frees what it read. */
function takeStep(prepared: PreparedBatch, step: () => StepResult): StepResult {
  try {
    return step();
  } finally {
    prepared.dispose();
  }
}

/** Frees what was read ahead for a step that is not taken. */
async function discard(next: Promise<PreparedBatch> | undefined): Promise<void> {
  const ahead = await next?.catch(() => undefined);
  ahead?.dispose();
}

/** The plan of the epoch asked for last, kept. */
function epochPlanner(items: readonly Captioned[], batch: number, captions: number, seed: number) {
  let planned = { epoch: -1, batches: [] as ReturnType<typeof planEpoch> };
  return (epoch: number) => {
    if (planned.epoch !== epoch) planned = { epoch, batches: planEpoch(items, batch, captions, seed, epoch) };
    return planned.batches;
  };
}

function rateOver(
  times: { at: number; images: number }[],
  images: number,
): { images: number; steps: number } {
  times.push({ at: performance.now(), images });
  if (times.length > RATE_STEPS) times.shift();
  const seconds = ((times.at(-1)?.at ?? 0) - (times[0]?.at ?? 0)) / 1000;
  const done = times.slice(1).reduce((sum, time) => sum + time.images, 0);
  return { images: done / seconds, steps: (times.length - 1) / seconds };
}
