import { type CaptionGroup, describeDropped } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { END } from '../text/index.js';
import { findBrokenImages } from './broken-images.js';
import { CaptionModel } from './caption-model.js';
import { type Checkpoint, type EpochRecord, readCheckpoint, type TrainingProgress } from './checkpoint.js';
import { STAGES, type TrainingConfiguration } from './configuration.js';
import { digestData, requireSameData } from './data-digest.js';
import { devMetrics } from './dev-metrics.js';
import { devCiderD } from './dev-score.js';
import { requireClassifier } from './distillation.js';
import { calibrateCheckpoint, exportCheckpoint } from './export-checkpoint.js';
import { openStage } from './open-stage.js';
import { Optimiser } from './optimiser.js';
import { pixelLoader } from './pixels.js';
import { RunFolder } from './run-folder.js';
import { runStage } from './run-stage.js';
import type { Stage } from './stage.js';
import { freshStart, resumedStart } from './start.js';
import type { TrainOptions } from './train-options.js';
import { imagesOf, prepareTrainingData, type TrainingData, withDistinctNames } from './training-data.js';

export interface TrainResult {
  readonly finished: boolean;
  readonly progress: TrainingProgress;
  /** The bundle, once finished. */
  readonly model?: string;
}

/**
 * Trains a caption model: load, build, fit each stage, score each epoch on dev, export the best weights as a bundle.
 *
 * @throws `CONFIGURATION_INVALID`, `DATASET_BROKEN`, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_BROKEN`, `TRAINING_DIVERGED`,
 *   `OUTPUT_UNWRITABLE` when `out` holds a run and `resume` is not set, `DATASET_CHANGED` when it is and the data is another.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { signal, texts = [], onMessage = () => {} } = options;
  const datasets = withDistinctNames(options.datasets);
  const run = await RunFolder.open(options.out, options.resume === true);

  // Load: the last checkpoint, or a fresh start.
  const start = options.resume === true ? await resumedStart(run, options) : await freshStart(options);
  const { configuration } = start;
  requireClassifier(configuration, start.model.encoder);
  const stages = stagesToRun(configuration, texts);
  const digest = digestData(datasets, texts);
  if (start.data !== undefined) requireSameData(start.data, digest, start.progress.stage === 'language');
  await run.truncateLog(start.progress.totalSteps);
  const loader = pixelLoader(start.model.encoder, configuration.encoder.fit);
  const images = imagesOf(datasets);
  const broken = await findBrokenImages(images, loader, run.brokenImages, signal).catch((error) => {
    if (signal?.aborted !== true) throw error;
    return undefined;
  });
  // Stopped before there is anything to save.
  if (broken === undefined) return { finished: false, progress: start.progress };
  for (const line of describeDropped(broken.map(({ image }) => ({ id: image, reason: 'broken image' })))) {
    onMessage(`${line}; see ${run.brokenImages}`);
  }
  const data = prepareTrainingData(
    datasets,
    start.model.vocabulary,
    configuration.vocabulary.maximumLength,
    new Set(broken.map(({ image }) => image)),
  );
  onMessage(
    `${data.training.length} images to learn from, ${data.paths.length - data.training.length} to judge by, ` +
      `${start.model.vocabulary.size} words`,
  );
  warnOfCutCaptions(data, configuration.vocabulary, onMessage);

  // Build.
  const model = new CaptionModel(start.model);
  let { progress } = start;
  let optimiser = new Optimiser(configuration.optimiser, progress.optimiserSteps);
  optimiser.restore(start.optimiser);
  const checkpoint = (): Checkpoint => ({
    configuration,
    model: model.weights(),
    progress,
    optimiser: optimiser.state(),
    data: digest,
  });

  // Fit each stage.
  const inputs = { configuration, model, data, texts, run, onMessage, signal };
  try {
    const reached = STAGES.indexOf(progress.stage);
    for (const name of stages.filter((stage) => STAGES.indexOf(stage) >= reached)) {
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
      const { stage, close } = await openStage(name, progress.step === 0, inputs);
      const finish = await runStage(configuration, stage, optimiser, progress, {
        signal,
        onStep: async (report, reached) => {
          progress = reached;
          options.onStep?.(report);
          await run.log(reached.totalSteps, report);
          if (reached.step % configuration.checkpointSteps === 0) await run.save(checkpoint());
        },
        score: (scored) => scoreDevSets(scored, model, data, configuration.vocabulary.maximumLength),
        onBest: async (reached) => {
          progress = reached;
          await run.saveBest(checkpoint());
        },
        onEpoch: async (record, reached) => {
          progress = reached;
          onMessage(describeEpoch(record));
          options.onEpoch?.(record);
          await run.save(checkpoint());
        },
      }).finally(close);
      progress = finish;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    await run.save(checkpoint());
    return { finished: false, progress };
  } finally {
    optimiser.dispose();
    model.dispose();
  }

  // Export the best weights, and judge them as they will be used.
  const { precision } = configuration;
  const learnt = data.training.map(({ image }) => image);
  const calibration = precision === 'int8' ? await calibrateCheckpoint(run.best, learnt) : undefined;
  await exportCheckpoint(run.best, run.model, { precision, calibration });
  const metrics = await devMetrics(run.model, datasets, signal).catch((error) => {
    if (signal?.aborted !== true) throw error;
    return undefined;
  });
  // Stopped while it was judged: it can be used, and resuming judges it.
  if (metrics === undefined) return { finished: false, progress };
  await exportCheckpoint(run.best, run.model, { precision, calibration, metrics });
  await run.report(configuration, progress);
  return { finished: true, progress, model: run.model };
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
): readonly (typeof STAGES)[number][] {
  const run = STAGES.filter((name) => stages[name].epochs > 0 && (name !== 'language' || texts.length > 0));
  if (run.length > 0) return run;
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'a stage with more than 0 epochs',
    received: 'stage "language" alone, and no captions without pictures (--text) for it',
  });
}

/** The dev CIDEr-D of each data set with the weights as they are now. */
async function scoreDevSets(
  stage: Stage,
  model: CaptionModel,
  data: TrainingData,
  maximumLength: number,
): Promise<Record<string, number>> {
  const scores: Record<string, number> = {};
  if (stage.features === undefined) return scores;
  for (const set of data.devSets) {
    scores[set.name] = await devCiderD(set, model, stage.features, maximumLength);
  }
  return scores;
}

function describeEpoch({ stage, epoch, loss, devCiderD, averageDevCiderD }: EpochRecord): string {
  const inWords = (scores: Readonly<Record<string, number>>) =>
    Object.entries(scores)
      .map(([set, score]) => `${set} ${score.toFixed(3)}`)
      .join(', ');
  const dev = Object.keys(devCiderD).length === 0 ? '' : `, dev CIDEr-D ${inWords(devCiderD)}`;
  const average = averageDevCiderD === undefined ? '' : `, averaged ${inWords(averageDevCiderD)}`;
  return `${stage} epoch ${round(epoch)}: loss ${loss.toFixed(3)}${dev}${average}`;
}

function round(epoch: number): number {
  return Math.round(epoch * 100) / 100;
}
