import type { DevMetrics } from '../captioner/scores-card.js';
import type { TrainingConfiguration } from './configuration.js';
import { lineChart } from './line-chart.js';
import type { EpochRecord, TrainingProgress } from './progress.js';
import type { LoggedStep } from './run-folder.js';

/** How far a run is. */
export interface RunState {
  readonly configuration: TrainingConfiguration;
  readonly progress: TrainingProgress;
  /** Of the model as it will be used, once there is one. */
  readonly metrics?: DevMetrics;
}

/** Loss, dev scores, gradient norm and learning rates over the steps of the run. */
export function curves({ configuration, progress }: RunState, steps: readonly LoggedStep[]): string {
  const marks = steps
    .filter(({ stage }, index) => stage !== steps[index - 1]?.stage)
    .map(({ stage, totalSteps }) => ({ x: totalSteps - 1, name: stage }));
  const { learningRate, encoderLearningRate } = configuration.stages.endToEnd;
  const points = (value: (step: LoggedStep) => number, of = steps) =>
    of.map((step) => [step.totalSteps, value(step)] as const);
  const dev = (
    scores: (record: EpochRecord) => Readonly<Record<string, number>> | undefined,
    what: string,
  ) => {
    const sets = new Set(progress.history.flatMap((record) => Object.keys(scores(record) ?? {})));
    return [...sets].map((set) => ({
      name: `${set}${what}`,
      dots: true,
      points: progress.history.flatMap((record) => {
        const score = scores(record)?.[set];
        return score === undefined || record.totalSteps === undefined
          ? []
          : [[record.totalSteps, score] as const];
      }),
    }));
  };
  // What stage cider loses is minus a reward, and no cross-entropy.
  const taught = steps.filter(({ stage }) => stage !== 'cider');
  const rewarded = steps.filter(({ stage }) => stage === 'cider');
  const charts = [
    { title: 'Loss', series: [{ name: 'nats a word', points: points(({ loss }) => loss, taught) }] },
    {
      title: 'Dev CIDEr-D, greedy',
      series: [
        ...dev(({ devCiderD }) => devCiderD, ''),
        ...dev(({ averageDevCiderD }) => averageDevCiderD, ', averaged'),
      ],
    },
    {
      title: 'Norm of the gradient before clipping (logarithmic)',
      logarithmic: true,
      series: [{ name: 'norm', points: points(({ gradientNorm }) => gradientNorm) }],
    },
    {
      title: 'Learning rates (logarithmic)',
      logarithmic: true,
      series: [
        { name: 'decoder', points: points((step) => step.learningRate) },
        {
          name: 'encoder',
          points: points(
            (step) => (step.learningRate * encoderLearningRate) / learningRate,
            steps.filter(({ stage }) => stage === 'endToEnd'),
          ),
        },
      ],
    },
    {
      title: 'Reward in stage cider (CIDEr-D of its samples)',
      series: [{ name: 'reward', points: points(({ loss }) => -loss, rewarded) }],
    },
  ];
  return charts
    .slice(0, rewarded.length > 0 ? 5 : 4)
    .map((chart) => lineChart({ ...chart, marks, end: progress.totalSteps }))
    .join('');
}
