import { type CaptionGroup, describeDropped } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { END } from '../text/index.js';
import { findBrokenImages } from './broken-images.js';
import { CaptionModel } from './caption-model.js';
import { STAGES, type StageName, type TrainingConfiguration } from './configuration.js';
import { digestData, requireSameData } from './data-digest.js';
import { reportData } from './data-report.js';
import { devMetrics } from './dev-metrics.js';
import { requireClassifier } from './distillation.js';
import { calibrateCheckpoint, exportCheckpoint } from './export-checkpoint.js';
import { fitStages } from './fit-stages.js';
import { pixelLoader } from './pixels.js';
import { explainFailure } from './run-failure.js';
import { RunFolder } from './run-folder.js';
import { RunReport } from './run-report.js';
import { freshStart, resumedStart } from './start.js';
import type { TrainOptions, TrainResult } from './train-options.js';
import { imagesOf, prepareTrainingData, type TrainingData, withDistinctNames } from './training-data.js';

/**
 * Trains a caption model: load, build, fit each stage, score each epoch on dev, export the best weights as a bundle.
 *
 * @throws `CONFIGURATION_INVALID`, `DATASET_BROKEN`, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_BROKEN`, `TRAINING_DIVERGED`, `OUT_OF_MEMORY`,
 *   `OUTPUT_UNWRITABLE` when the disk is full, or `out` holds a run and `resume` is not set, `DATASET_CHANGED` when it is and
 *   the data is another.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const run = await RunFolder.open(options.out, options.resume === true);
  try {
    return await trainIn(run, options);
  } catch (error) {
    throw await explainFailure(error, run);
  }
}

async function trainIn(run: RunFolder, options: TrainOptions): Promise<TrainResult> {
  const { signal, texts = [], onStep = () => {}, onMessage = () => {} } = options;
  const datasets = withDistinctNames(options.datasets);
  const began = performance.now();

  // Load: the last checkpoint, or a fresh start.
  const start = options.resume === true ? await resumedStart(run, options) : await freshStart(options);
  const { maximumLength } = start.configuration.vocabulary;
  requireClassifier(start.configuration, start.model.encoder);
  const stages = stagesToRun(start.configuration, texts);
  const digest = digestData(datasets, texts);
  if (start.data !== undefined) requireSameData(start.data, digest, start.progress.stage === 'language');
  await run.truncateLog(start.progress.totalSteps);
  const loader = pixelLoader(start.model.encoder, start.configuration.encoder.fit);
  const images = imagesOf(datasets);
  const broken = await unlessStopped(findBrokenImages(images, loader, run.brokenImages, signal), signal);
  // Stopped before there is anything to save.
  if (broken === undefined) return { finished: false, progress: start.progress };
  for (const line of describeDropped(broken.map(({ image }) => ({ id: image, reason: 'broken image' })))) {
    onMessage(`${line}; see ${run.brokenImages}`);
  }
  const unreadable = new Set(broken.map(({ image }) => image));
  const data = prepareTrainingData(datasets, start.model.vocabulary, maximumLength, unreadable);
  onMessage(
    `${data.training.length} images to learn from, ${data.paths.length - data.training.length} to judge by, ` +
      `${start.model.vocabulary.size} words`,
  );
  warnOfCutCaptions(data, start.configuration.vocabulary, onMessage);

  const report = new RunReport(
    run,
    reportData(datasets, broken, data, start.model.vocabulary.size),
    data.samples,
  );
  await report.write(start);

  // Build, and fit each stage.
  const model = new CaptionModel(start.model);
  const { finished, configuration, progress } = await fitStages({
    start,
    stages,
    digest,
    timeBudget:
      options.timeBudget === undefined
        ? undefined
        : { seconds: options.timeBudget, used: () => (performance.now() - began) / 1000 },
    model,
    data,
    texts,
    run,
    onStep,
    onMessage,
    onEpoch: async (state) => {
      await report.write(state);
      const record = state.progress.history.at(-1);
      if (record !== undefined) options.onEpoch?.(record);
    },
    signal,
  }).finally(() => model.dispose());
  if (!finished) return { finished, progress };

  // Export the best weights, and judge them as they will be used.
  const { precision } = configuration;
  const learnt = data.training.map(({ image }) => image);
  const calibration = precision === 'int8' ? await calibrateCheckpoint(run.best, learnt) : undefined;
  await exportCheckpoint(run.best, run.model, { precision, calibration });
  const metrics = await unlessStopped(devMetrics(run.model, datasets, signal), signal);
  // Stopped while it was judged: it can be used, and resuming judges it.
  if (metrics === undefined) return { finished: false, progress };
  await exportCheckpoint(run.best, run.model, { precision, calibration, metrics });
  await report.write({ configuration, progress, metrics });
  return { finished: true, progress, model: run.model };
}

/** What work gives, or nothing where it failed because the run is to stop. */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  return work.catch((error) => {
    if (signal?.aborted !== true) throw error;
    return undefined;
  });
}

/** A few may be cut; of many the model would learn sentences that never end. */
function warnOfCutCaptions(
  { training }: TrainingData,
  { maximumLength, unit }: TrainingConfiguration['vocabulary'],
  onMessage: (message: string) => void,
): void {
  const captions = training.flatMap((image) => image.captions);
  const share = captions.filter((tokens) => tokens.at(-1) !== END).length / captions.length;
  if (share <= 0.1) return;
  onMessage(
    `${Math.round(100 * share)} % of the captions are cut after ${maximumLength} ${unit}; set vocabulary.maximumLength higher`,
  );
}

/** @throws `CONFIGURATION_INVALID` if there are none. */
function stagesToRun(
  { stages }: TrainingConfiguration,
  texts: readonly CaptionGroup[],
): readonly StageName[] {
  const run = STAGES.filter((name) => stages[name].epochs > 0 && (name !== 'language' || texts.length > 0));
  if (run.length > 0) return run;
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'a stage with more than 0 epochs',
    received: 'stage "language" alone, and no captions without pictures (--text) for it',
  });
}
