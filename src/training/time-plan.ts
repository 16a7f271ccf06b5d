/** What a stage costs, seconds. */
export interface StageCost {
  /** As many as were asked for. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Before its first step, as features that are computed once. */
  readonly secondsBefore: number;
  readonly secondsPerStep: number;
  /** At the end of each epoch, be it a whole one or not: dev scores and checkpoints. */
  readonly secondsPerEpoch: number;
}

/**
 * The epochs of each stage, all shortened in the same proportion to fit a time, in whole steps and at least one each.
 * @returns undefined if not even one step of each fits.
 */
export function planEpochs(seconds: number, stages: readonly StageCost[]): number[] | undefined {
  const plan = (share: number) =>
    stages.map(({ epochs, stepsPerEpoch }) => {
      const asked = Math.max(1, Math.round(epochs * stepsPerEpoch));
      return Math.max(1, Math.floor(asked * share)) / stepsPerEpoch;
    });
  const fits = (share: number) => timeOf(stages, plan(share)) <= seconds;
  if (!fits(0)) return undefined;
  if (fits(1)) return plan(1);
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return plan(low);
}

/** What so many epochs of each stage take. */
export function timeOf(stages: readonly StageCost[], epochs: readonly number[]): number {
  return stages.reduce((sum, stage, index) => {
    const count = epochs[index] ?? 0;
    const steps = count * stage.stepsPerEpoch;
    return (
      sum + stage.secondsBefore + steps * stage.secondsPerStep + Math.ceil(count) * stage.secondsPerEpoch
    );
  }, 0);
}
