import type { DevScore } from './dev-score.js';
import type { Optimiser } from './optimiser.js';
import type { EpochRecord, TrainingProgress } from './progress.js';
import type { Stage } from './stage.js';
import { withValues } from './with-values.js';

type Best = NonNullable<TrainingProgress['best']>;

export interface ScoreHooks {
  /** The dev scores of the weights that are in the stage's variables. */
  score(stage: Stage): Promise<DevScore>;
  /** Called while the best weights so far are in the stage's variables. */
  onBest(progress: TrainingProgress): Promise<void>;
  onEpoch(record: EpochRecord, progress: TrainingProgress): Promise<void>;
}

/** The weights that a stage begins with, as the first candidate. */
export async function scoreStart(
  stage: Stage,
  progress: TrainingProgress,
  hooks: ScoreHooks,
): Promise<TrainingProgress> {
  const score = mean((await hooks.score(stage)).ciderD);
  const after = { ...progress, best: { score, stage: stage.name, epoch: 0 } };
  await hooks.onBest(after);
  return after;
}

/** Scores the weights at the end of an epoch, and their average if one is kept; the best so far is told apart. */
export async function endEpoch(
  stage: Stage,
  optimiser: Optimiser,
  epoch: number,
  progress: TrainingProgress,
  hooks: ScoreHooks,
): Promise<TrainingProgress> {
  const { averages } = optimiser;
  const { ciderD: devCiderD, samples } = await hooks.score(stage);
  const candidate = { score: mean(devCiderD), stage: stage.name, epoch };
  let best: Best | null = isBetter(candidate, progress.best) ? candidate : progress.best;
  let record: EpochRecord = {
    stage: stage.name,
    epoch,
    totalSteps: progress.totalSteps,
    loss: progress.lossSum / progress.lossCount,
    devCiderD,
    samples,
  };
  // Without pictures to judge by there is nothing to choose by.
  if (averages.size > 0 && stage.features !== undefined) {
    const { ciderD } = await withValues(stage.variables, averages, () => hooks.score(stage));
    const score = mean(ciderD);
    const average = { ...candidate, score, averaged: true as const };
    if (isBetter(average, best)) best = average;
    record = { ...record, averageDevCiderD: ciderD };
  }
  const after = { ...progress, lossSum: 0, lossCount: 0, history: [...progress.history, record], best };
  if (best !== progress.best) {
    const values = best?.averaged === true ? averages : new Map();
    await withValues(stage.variables, values, () => hooks.onBest(after));
  }
  await hooks.onEpoch(record, after);
  return after;
}

/** Of weights that no picture judged, as those of stage `language`, the last are the best. */
function isBetter(candidate: Best, best: Best | null): boolean {
  return best === null || best.stage === 'language' || candidate.score > best.score;
}

/** Whether as many epochs as the stage's patience have passed since the best one. */
export function isOutOfPatience(stage: Stage, { history, best }: TrainingProgress): boolean {
  const { patience } = stage.configuration;
  const since = best?.stage === stage.name ? best.epoch : 0;
  const epochs = history.filter((record) => record.stage === stage.name && record.epoch > since);
  return patience > 0 && epochs.length >= patience;
}

function mean(scores: Readonly<Record<string, number>>): number {
  const values = Object.values(scores);
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
