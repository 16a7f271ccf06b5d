import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, type ErrorDetails, LegendaError } from '../errors.js';
import type { TrainFromFiles } from '../training/train-from-files.js';
import type { Roots } from './allowed-path.js';
import type { TrainJobProgress, TrainJobResult } from './train-contract.js';

/** What to learn from, how, and where to. */
export interface TrainingRequest
  extends Pick<TrainFromFiles, 'configuration' | 'data' | 'text' | 'init' | 'out' | 'resume'> {
  /** The folders that all files of the data sets are below. */
  readonly roots: Roots;
}

/** To the other process. */
export type ToTraining =
  | { readonly kind: 'train'; readonly request: TrainingRequest }
  | { readonly kind: 'stop' };

/** From it. */
export type FromTraining =
  | { readonly kind: 'progress'; readonly progress: TrainJobProgress }
  | { readonly kind: 'finished'; readonly result: TrainJobResult }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };

/** A training in a process of its own: a worker never loads TensorFlow, and outlives what ends it. */
export class IsolatedTraining {
  private readonly child: ChildProcess = fork(
    fileURLToPath(new URL('training-process.js', import.meta.url)),
    { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );

  /**
   * @param signal stops it after the step under way, with a checkpoint.
   * @throws the signal's reason once it has stopped; what `trainFromFiles` throws; `JOB_CRASHED` when the process ends.
   */
  async run(
    request: TrainingRequest,
    signal: AbortSignal,
    onProgress: (progress: TrainJobProgress) => void,
  ): Promise<TrainJobResult> {
    const { child } = this;
    const send = (message: ToTraining) => child.send(message, () => {});
    const stop = () => send({ kind: 'stop' });
    let outcome: FromTraining | undefined;
    child.on('message', (message: FromTraining) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else outcome = message;
    });
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      send({ kind: 'train', request });
      // What it said last may come after its end.
      const [[code, by]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
      if (outcome?.kind === 'finished') return outcome.result;
      if (outcome?.kind === 'failed') throw new LegendaError(outcome.code, outcome.details);
      signal.throwIfAborted();
      throw crashed(code === null ? String(by) : `exit code ${code}`);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Of its process. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends it at once, with nothing saved. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

function crashed(how: string): LegendaError {
  return new LegendaError('JOB_CRASHED', {
    expected: 'a training that ends by itself',
    received: `a process that ended (${how})`,
    advice: 'see that the worker has memory enough; tried again, it goes on from its last checkpoint',
  });
}
