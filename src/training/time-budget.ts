import { LegendaError } from '../errors.js';
import { duration } from '../text/index.js';
import { STAGES, type StageName, type TrainingConfiguration } from './configuration.js';
import type { StepReport, TimeBudgetState } from './progress.js';
import { planEpochs, type StageCost, timeOf } from './time-plan.js';

/** It is planned to end a little early, since no machine is of one speed. */
const AIM = 0.96;
/** Steps of a stage after which its speed is believed. */
const BELIEVED = 5;

/** Shortens a run's stages to end within a time. What it decides is in the configuration from then on. */
export class TimeBudget {
  private readonly started = performance.now();
  private readonly costs: Partial<Record<StageName, StageCost>>;
  private firstStep = 0;

  /** @param state as a checkpoint has it. */
  constructor(private readonly state: TimeBudgetState) {
    this.costs = { ...state.costs };
  }

  /** Seconds that the run has taken so far, in all its processes. */
  private get used(): number {
    return this.state.used + (performance.now() - this.started) / 1000;
  }

  /** For a checkpoint. */
  now(): TimeBudgetState {
    return { ...this.state, used: this.used, costs: this.costs };
  }

  /** How long the dev scores of a stage's weights took, once it is known. */
  scored(stage: StageName, seconds: number): void {
    const cost = this.costs[stage];
    if (cost !== undefined) this.costs[stage] = { ...cost, secondsPerEpoch: seconds + this.state.saving };
  }

  /** The configuration with the epochs of these stages, all still to come, as they fit the time left, if they can. */
  plan(
    configuration: TrainingConfiguration,
    stages: readonly StageName[],
  ): TrainingConfiguration | undefined {
    this.firstStep = 0;
    const planned = planEpochs(this.state.seconds * AIM - this.used - this.state.after, this.costsOf(stages));
    return planned === undefined ? undefined : withEpochs(configuration, stages, planned);
  }

  /** What to say when there is no plan. */
  tooShort(stages: readonly StageName[]): LegendaError {
    const costs = this.costsOf(stages);
    const oneStepEach = costs.map(({ stepsPerEpoch }) => 1 / stepsPerEpoch);
    const least = timeOf(costs, oneStepEach) + this.used + this.state.after;
    return new LegendaError('CONFIGURATION_INVALID', {
      expected: `a time budget of at least ${duration(least / AIM + 1)}`,
      received: duration(this.state.seconds),
      advice:
        'features, dev scores, export and judging cannot be shortened: allow more time, leave out a stage, or learn from fewer pictures',
    });
  }

  /** What the configuration becomes when the run would end too late, after a step of the first of these stages. */
  shortened(
    configuration: TrainingConfiguration,
    stages: readonly StageName[],
    report: StepReport,
  ): TrainingConfiguration | undefined {
    const [current] = stages;
    if (this.firstStep === 0) this.firstStep = report.step;
    const left = report.steps - report.step;
    if (current === undefined || left === 0 || report.step - this.firstStep < BELIEVED) return undefined;
    const [cost, ...later] = this.costsOf(stages) as [StageCost, ...StageCost[]];
    const rest = {
      ...cost,
      epochs: left / cost.stepsPerEpoch,
      secondsBefore: 0,
      secondsPerStep: report.secondsLeft / left,
    };
    const epochs = stages.map((name) => configuration.stages[name].epochs);
    const available = this.state.seconds - this.used - this.state.after;
    if (timeOf([rest, ...later], [rest.epochs, ...epochs.slice(1)]) <= available) return undefined;
    const costs = [rest, ...later].map((one, index) => ({
      ...one,
      epochs: index === 0 ? one.epochs : (epochs[index] ?? 0),
    }));
    // Where nothing fits any more, what is left is as short as it can be.
    const planned =
      planEpochs(available - this.state.seconds * (1 - AIM), costs) ??
      costs.map(({ stepsPerEpoch }) => 1 / stepsPerEpoch);
    const whole = report.step / cost.stepsPerEpoch + (planned[0] ?? 0);
    this.firstStep = report.step;
    return withEpochs(configuration, stages, [whole, ...planned.slice(1)]);
  }

  private costsOf(stages: readonly StageName[]): StageCost[] {
    return stages.flatMap((name) => this.costs[name] ?? []);
  }
}

function withEpochs(
  configuration: TrainingConfiguration,
  names: readonly StageName[],
  epochs: readonly number[],
): TrainingConfiguration {
  const stages = Object.fromEntries(
    STAGES.map((name) => {
      const index = names.indexOf(name);
      const stage = configuration.stages[name];
      return [name, index === -1 ? stage : { ...stage, epochs: epochs[index] ?? stage.epochs }];
    }),
  );
  return { ...configuration, stages: stages as TrainingConfiguration['stages'] };
}

/** `decoder 3.4 of 8 epochs, endToEnd 0.9 of 2`. */
export function describePlan(
  asked: TrainingConfiguration,
  planned: TrainingConfiguration,
  stages: readonly StageName[],
): string {
  const round = (epochs: number) => Math.round(epochs * 100) / 100;
  return stages
    .map(
      (name) => `${name} ${round(planned.stages[name].epochs)} of ${round(asked.stages[name].epochs)} epochs`,
    )
    .join(', ');
}
