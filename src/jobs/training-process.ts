// The other process of an IsolatedTraining.
import { asLegendaError } from '../errors.js';
import { guardOf } from './allowed-path.js';
import type { FromTraining, ToTraining, TrainingRequest } from './isolated-training.js';
import type { TrainJobProgress } from './train-contract.js';

/** How often steps are told of at most, milliseconds. */
const STEPS_EVERY = 200;

const stopping = new AbortController();
process.on('message', (message: ToTraining) => {
  if (message.kind === 'stop') stopping.abort();
  else void run(message.request).then((outcome) => process.send?.(outcome, () => process.exit()));
});
// Its worker ended: another goes on from the last checkpoint, in the same folder.
process.on('disconnect', () => process.exit());
// What the terminal sends to all reaches this one too, which its worker tells when to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

async function run({ roots, ...request }: TrainingRequest): Promise<FromTraining> {
  let progress: TrainJobProgress = { message: 'starting' };
  let told = 0;
  const tell = (news: Partial<TrainJobProgress>, now: boolean) => {
    progress = { ...progress, ...news };
    if (!now && performance.now() - told < STEPS_EVERY) return;
    told = performance.now();
    process.send?.({ kind: 'progress', progress } satisfies FromTraining);
  };
  try {
    const { trainFromFiles } = await import('../training/index.js');
    const result = await trainFromFiles({
      ...request,
      reading: { guard: guardOf(roots) },
      signal: stopping.signal,
      onMessage: (message) => tell({ message }, true),
      onStep: ({ stage, epoch, epochs, step, steps, loss, imagesPerSecond, secondsLeft }) => {
        const rates = { imagesPerSecond: finite(imagesPerSecond), secondsLeft: finite(secondsLeft) };
        tell({ step: { stage, epoch, epochs, step, steps, loss, ...rates } }, false);
      },
      onEpoch: ({ devCiderD }) => {
        if (Object.keys(devCiderD).length > 0) tell({ devScores: devCiderD }, true);
      },
    });
    if (result.model === undefined) return { kind: 'stopped' };
    const { totalSteps, best, history } = result.progress;
    // The rest of each epoch, its sample captions among it, stays with the run.
    const epochs = history.map(({ stage, epoch, loss, devCiderD, averageDevCiderD }) => {
      const average = averageDevCiderD === undefined ? {} : { averageDevCiderD };
      return { stage, epoch, loss, devCiderD, ...average };
    });
    const { model } = result;
    return { kind: 'finished', result: { version: 1, model, totalSteps, best, history: epochs } };
  } catch (error) {
    const known = asLegendaError(error);
    if (known.code === 'INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    const { code, details } = known;
    return { kind: 'failed', code, details };
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
