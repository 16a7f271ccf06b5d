import type { TrainJobStatus, TrainQueue } from '../jobs/train-queue.js';
import { duration } from '../text/index.js';
import { INTERRUPTED, Interrupted } from './interruption.js';
import { errorLine } from './report-error.js';

/**
 * Waits for a train job, tells on standard error how far it is, and prints its model's folder.
 * @returns the exit code: 1 if it failed, 130 if interrupted: the job then goes on.
 */
export async function waitForTraining(queue: TrainQueue, id: string, signal: AbortSignal): Promise<number> {
  const { stderr } = process;
  let said = '';
  const say = (line: string) => {
    if (line === said) return;
    stderr.write(stderr.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
    said = line;
  };
  const end = (line: string) => stderr.write(`${stderr.isTTY ? '\n' : ''}${line}\n`);
  // Of the steps a line each only where it is rewritten.
  const onProgress = (status: TrainJobStatus) =>
    say(stderr.isTTY ? trainingLine(status) : (status.progress?.message ?? status.state));
  try {
    const { failure, result } = await queue.wait(id, { signal, onProgress });
    if (failure !== undefined) end(errorLine(failure));
    else process.stdout.write(`${result?.model}\n`);
    return failure === undefined ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    end(`legenda: no longer waiting; the job goes on: legenda jobs wait ${id}`);
    return INTERRUPTED;
  }
}

/** How far a training is: its last step, or what was said before there was one. */
export function trainingLine({ progress }: TrainJobStatus): string {
  if (progress?.step === undefined) return progress?.message ?? '';
  const { stage, step, steps, loss, imagesPerSecond, secondsLeft } = progress.step;
  const scores = Object.entries(progress.devScores ?? {}).map(([set, score]) => `${set} ${score.toFixed(3)}`);
  return [
    `${stage} step ${step}/${steps}`,
    `loss ${loss.toFixed(3)}`,
    ...(scores.length === 0 ? [] : [`dev ${scores.join(' ')}`]),
    ...(imagesPerSecond === null ? [] : [`${imagesPerSecond.toFixed(0)} images/s`]),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
  ].join(', ');
}
