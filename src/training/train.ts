import { isDeepStrictEqual } from 'node:util';
import { type Bundle, featureGrid, readBundleWeights } from '../bundle/index.js';
import type { CaptionGroup, Dataset } from '../datasets/index.js';
import { initialiseDecoder } from '../decoder/initialise.js';
import { loadEncoder } from '../encoder/load-encoder.js';
import { LegendaError } from '../errors.js';
import { Random } from '../random.js';
import { findBrokenImages } from './broken-images.js';
import { CaptionModel, type ModelWeights } from './caption-model.js';
import {
  type Checkpoint,
  type EpochRecord,
  latestCheckpoint,
  readCheckpoint,
  type TrainingProgress,
} from './checkpoint.js';
import { STAGES, type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
import { digestData, requireSameData } from './data-digest.js';
import { devMetrics } from './dev-metrics.js';
import { devCiderD } from './dev-score.js';
import { requireClassifier } from './distillation.js';
import { encoderTags } from './encoder-tags.js';
import { calibrateCheckpoint, exportCheckpoint } from './export-checkpoint.js';
import { openStage } from './open-stage.js';
import { Optimiser } from './optimiser.js';
import { pixelLoader } from './pixels.js';
import { RunFolder } from './run-folder.js';
import { runStage, type StepReport } from './run-stage.js';
import type { Stage } from './stage.js';
import {
  imagesOf,
  prepareTrainingData,
  type TrainingData,
  vocabularyOf,
  withDistinctNames,
} from './training-data.js';

export interface TrainOptions {
  readonly configuration: TrainingConfiguration;
  /** Their train splits are learnt from together; each dev split is scored by itself. */
  readonly datasets: readonly Dataset[];
  /** Captions without pictures, for stage `language`. */
  readonly texts?: readonly CaptionGroup[];
  /** Folder of the run: checkpoints, best weights, log, report, and at the end `model/`, the bundle. */
  readonly out: string;
  /** A trained model to go on from: its encoder, decoder form, words and weights take the place of fresh ones. */
  readonly init?: Bundle | undefined;
  /** Go on from the last checkpoint in `out`. */
  readonly resume?: boolean;
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (report: StepReport) => void;
  readonly onMessage?: (message: string) => void;
}

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
  const start = options.resume === true ? await resumed(run, options) : await fresh(options);
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
  for (const { image, code } of broken) onMessage(`left out ${image}: ${code}`);
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

type Start = Pick<Checkpoint, 'configuration' | 'model' | 'progress' | 'optimiser' | 'data'>;

/** Fresh weights, or those of the model to go on from. */
async function fresh({ configuration, datasets, texts = [], init, onMessage }: TrainOptions): Promise<Start> {
  const progress: TrainingProgress = {
    stage: STAGES[0],
    step: 0,
    totalSteps: 0,
    optimiserSteps: 0,
    lossSum: 0,
    lossCount: 0,
    history: [],
    best: null,
  };
  if (init !== undefined) {
    const { decoder, encoder } = init.manifest.configuration;
    const weights = await readBundleWeights(init);
    // Dropout is how it learns, not what it is: that stays the run's own.
    const form = { ...decoder, dropout: configuration.decoder.dropout };
    onMessage?.(
      `going on from ${init.manifest.name}: its encoder, words and form of decoder stay; encoder.*, decoder.* but dropout, and ` +
        'vocabulary.minimumCount do not count',
    );
    const given = {
      ...configuration,
      ...modelsOwn(configuration, init),
      decoder: form,
      encoder: { ...configuration.encoder, fit: encoder.fit },
    };
    const model = { configuration: form, vocabulary: init.vocabulary, tags: init.tags, ...weights };
    return {
      configuration: given,
      model,
      progress: { ...progress, init: init.manifest.name },
      optimiser: new Map(),
    };
  }
  const encoder = await loadEncoder(configuration.encoder, configuration.seed, onMessage);
  const vocabulary = vocabularyOf(datasets, texts, configuration.vocabulary.minimumCount);
  const { cells, channels } = featureGrid(encoder);
  const sizes = { gridCells: cells, channels, vocabulary: vocabulary.size };
  const decoder = initialiseDecoder(configuration.decoder, sizes, new Random(configuration.seed));
  const { tags: count } = configuration.decoder;
  const tags = count > 0 ? encoderTags(encoder, vocabulary, count) : undefined;
  const model: ModelWeights = { configuration: configuration.decoder, vocabulary, encoder, decoder, tags };
  return { configuration, model, progress, optimiser: new Map() };
}

/** What a model says of itself, where the configuration says nothing else. */
function modelsOwn({ language, licence }: TrainingConfiguration, { manifest }: Bundle) {
  const none = trainingConfigurationSchema.parse({});
  return {
    language: language === none.language ? manifest.language : language,
    licence: licence === none.licence ? manifest.licence : licence,
  };
}

/** The last checkpoint; its configuration is the run's. */
async function resumed(run: RunFolder, options: TrainOptions): Promise<Start> {
  const latest = await latestCheckpoint(run.checkpoints);
  if (latest !== undefined) {
    const checkpoint = await readCheckpoint(latest);
    if (!isDeepStrictEqual(checkpoint.configuration, options.configuration))
      options.onMessage?.(
        'going on with the settings that the run began with; others given now do not count',
      );
    return checkpoint;
  }
  // Stopped before its first checkpoint: from the start, which gives the same run.
  options.onMessage?.('no checkpoint yet: starting from the beginning');
  return fresh(options);
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
