import { type Checkpoint, type EpochRecord, readCheckpoint, type TrainingProgress } from './checkpoint.js';
import { STAGES, type StageName, type TrainingConfiguration } from './configuration.js';
import { scoreDevSets } from './dev-score.js';
import { openStage, type StageInputs } from './open-stage.js';
import { Optimiser } from './optimiser.js';
import { runStage, type StepReport } from './run-stage.js';
import type { Start } from './start.js';

export interface FitInputs extends Omit<StageInputs, 'configuration'> {
  readonly start: Start;
  readonly stages: readonly StageName[];
  readonly digest: Checkpoint['data'];
  readonly onStep: (report: StepReport) => void;
  /** Called when an epoch is scored and saved. */
  readonly onEpoch: (state: Omit<Fitted, 'finished'>) => Promise<void>;
}

export interface Fitted {
  /** False when it was stopped; a checkpoint says where. */
  readonly finished: boolean;
  readonly configuration: TrainingConfiguration;
  readonly progress: TrainingProgress;
}

/** Goes through the stages from where the start says. The best weights are then in the run's folder. */
export async function fitStages(inputs: FitInputs): Promise<Fitted> {
  const { start, model, data, run, onMessage, signal } = inputs;
  const { configuration } = start;
  let { progress } = start;
  let optimiser = new Optimiser(configuration.optimiser, progress.optimiserSteps);
  const checkpoint = (): Checkpoint => ({
    configuration,
    model: model.weights(),
    progress,
    optimiser: optimiser.state(),
    data: inputs.digest,
  });
  try {
    optimiser.restore(start.optimiser);
    const reached = STAGES.indexOf(progress.stage);
    for (const name of inputs.stages.filter((stage) => STAGES.indexOf(stage) >= reached)) {
      if (name !== progress.stage) {
        const { patience } = configuration.stages[progress.stage];
        progress = { ...progress, stage: name, step: 0, optimiserSteps: 0 };
        optimiser.dispose();
        optimiser = new Optimiser(configuration.optimiser);
        if (progress.best !== null && (patience > 0 || configuration.optimiser.averaging > 0)) {
          model.assign((await readCheckpoint(run.best)).model);
          // At once, since the best weights may soon be others.
          await run.save(checkpoint());
        }
      }
      const { stage, close } = await openStage(name, progress.step === 0, { ...inputs, configuration });
      progress = await runStage(configuration, stage, optimiser, progress, {
        signal,
        onStep: async (report, reached) => {
          progress = reached;
          inputs.onStep(report);
          await run.log(reached.totalSteps, report);
          if (reached.step % configuration.checkpointSteps === 0) await run.save(checkpoint());
          return undefined;
        },
        score: ({ features }) =>
          scoreDevSets(data.devSets, model, features, configuration.vocabulary.maximumLength),
        onBest: async (reached) => {
          progress = reached;
          await run.saveBest(checkpoint());
        },
        onEpoch: async (record, reached) => {
          progress = reached;
          onMessage(describeEpoch(record));
          await run.save(checkpoint());
          await inputs.onEpoch({ configuration, progress });
        },
      }).finally(close);
    }
    return { finished: true, configuration, progress };
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    await run.save(checkpoint());
    return { finished: false, configuration, progress };
  } finally {
    optimiser.dispose();
  }
}

function describeEpoch({ stage, epoch, loss, devCiderD, averageDevCiderD }: EpochRecord): string {
  const inWords = (scores: Readonly<Record<string, number>>) =>
    Object.entries(scores)
      .map(([set, score]) => `${set} ${score.toFixed(3)}`)
      .join(', ');
  const dev = Object.keys(devCiderD).length === 0 ? '' : `, dev CIDEr-D ${inWords(devCiderD)}`;
  const average = averageDevCiderD === undefined ? '' : `, averaged ${inWords(averageDevCiderD)}`;
  return `${stage} epoch ${Math.round(epoch * 100) / 100}: loss ${loss.toFixed(3)}${dev}${average}`;
}
