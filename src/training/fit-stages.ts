import { duration } from '../text/index.js';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import { STAGES, type StageName, type TrainingConfiguration } from './configuration.js';
import { scoreDevSets } from './dev-score.js';
import { openStage, type StageInputs } from './open-stage.js';
import { Optimiser } from './optimiser.js';
import type { EpochRecord, StepReport, TrainingProgress } from './progress.js';
import { rehearse } from './rehearse.js';
import { runStage } from './run-stage.js';
import type { Start } from './start.js';
import { describePlan, TimeBudget } from './time-budget.js';

export interface FitInputs extends Omit<StageInputs, 'configuration'> {
  readonly start: Start;
  readonly stages: readonly StageName[];
  readonly digest: Checkpoint['data'];
  /** Seconds that the run may take, and what it has taken. */
  readonly timeBudget?: { readonly seconds: number; used(): number } | undefined;
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
  let { configuration, progress } = start;
  let budget = progress.timeBudget === undefined ? undefined : new TimeBudget(progress.timeBudget);
  let optimiser = new Optimiser(configuration.optimiser, progress.optimiserSteps);
  const checkpoint = (): Checkpoint => ({
    configuration,
    model: model.weights(),
    progress: budget === undefined ? progress : { ...progress, timeBudget: budget.now() },
    optimiser: optimiser.state(),
    data: inputs.digest,
  });
  try {
    optimiser.restore(start.optimiser);
    if (inputs.timeBudget !== undefined && progress.totalSteps === 0 && budget === undefined) {
      const { seconds, used } = inputs.timeBudget;
      const save = () => run.rehearseSaving(checkpoint());
      const rehearsed = await rehearse(inputs.stages, { ...inputs, configuration }, save);
      budget = new TimeBudget({ seconds, used: used(), ...rehearsed });
      const asked = configuration;
      const planned = budget.plan(asked, inputs.stages);
      if (planned === undefined) throw budget.tooShort(inputs.stages);
      configuration = planned;
      onMessage(`planned for ${duration(seconds)}: ${describePlan(asked, configuration, inputs.stages)}`);
      // With what is planned, so that it stays the plan when the run is resumed.
      await run.save(checkpoint());
    } else if (inputs.timeBudget !== undefined) {
      onMessage(
        budget === undefined
          ? 'the run began without a time budget: one given now does not count'
          : `the time budget that the run began with counts, ${duration(budget.now().seconds)}`,
      );
    }
    const reached = STAGES.indexOf(progress.stage);
    const toRun = inputs.stages.filter((stage) => STAGES.indexOf(stage) >= reached);
    for (const [index, name] of toRun.entries()) {
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
      if (
        budget !== undefined &&
        progress.step === 0 &&
        progress.totalSteps > 0 &&
        start.progress !== progress
      ) {
        // What came before took more or less than was thought.
        configuration = budget.plan(configuration, toRun.slice(index)) ?? configuration;
        onMessage(`planned: ${describePlan(start.configuration, configuration, toRun.slice(index))}`);
        await run.save(checkpoint());
      }
      const { stage, close } = await openStage(name, progress.step === 0, { ...inputs, configuration });
      progress = await runStage(configuration, stage, optimiser, progress, {
        signal,
        onStep: async (report, reached) => {
          progress = reached;
          inputs.onStep(report);
          await run.log(reached.totalSteps, report);
          const shortened = budget?.shortened(configuration, toRun.slice(index), report);
          if (shortened !== undefined) {
            onMessage(`behind the plan: ${describePlan(configuration, shortened, toRun.slice(index))}`);
            configuration = shortened;
          }
          if (shortened !== undefined || reached.step % configuration.checkpointSteps === 0)
            await run.save(checkpoint());
          return shortened?.stages[name].epochs;
        },
        score: async ({ features }) => {
          const began = performance.now();
          const score = await scoreDevSets(
            data.devSets,
            model,
            features,
            configuration.vocabulary.maximumLength,
          );
          const times = configuration.optimiser.averaging > 0 ? 2 : 1;
          budget?.scored(name, (times * (performance.now() - began)) / 1000);
          return score;
        },
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
