import { isDeepStrictEqual } from 'node:util';
import { type Bundle, featureGrid, readBundleWeights } from '../bundle/index.js';
import { initialiseDecoder } from '../decoder/initialise.js';
import { loadEncoder } from '../encoder/load-encoder.js';
import { Random } from '../random.js';
import { Vocabulary, Writing } from '../text/index.js';
import type { ModelWeights } from './caption-model.js';
import { type Checkpoint, latestCheckpoint, readCheckpoint } from './checkpoint.js';
import { STAGES, type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
import { encoderTags } from './encoder-tags.js';
import { extendVocabulary } from './extend-vocabulary.js';
import type { TrainingProgress } from './progress.js';
import type { RunFolder } from './run-folder.js';
import type { TrainOptions } from './train-options.js';
import { captionsToLearn } from './training-data.js';

/** What a run begins with, or goes on with. */
export type Start = Pick<Checkpoint, 'configuration' | 'model' | 'progress' | 'optimiser' | 'data'>;

/** Before the first step. */
export const NO_PROGRESS: TrainingProgress = {
  stage: STAGES[0],
  step: 0,
  totalSteps: 0,
  optimiserSteps: 0,
  lossSum: 0,
  lossCount: 0,
  history: [],
  best: null,
};

/** Fresh weights, or those of the model to go on from. */
export async function freshStart(options: TrainOptions): Promise<Start> {
  const { configuration, init } = options;
  if (init !== undefined) return startFrom(init, options);
  const encoder = await loadEncoder(configuration.encoder, configuration.seed, options.onMessage);
  const { minimumCount, unit } = configuration.vocabulary;
  const writing = new Writing({ language: configuration.language, unit });
  const captions = captionsToLearn(options.datasets, options.texts ?? []);
  const vocabulary = Vocabulary.of(captions, minimumCount, writing);
  const { cells, channels } = featureGrid(encoder);
  const sizes = { gridCells: cells, channels, vocabulary: vocabulary.size };
  const decoder = initialiseDecoder(configuration.decoder, sizes, new Random(configuration.seed));
  const { tags: count } = configuration.decoder;
  const tags = count > 0 ? encoderTags(encoder, vocabulary, count) : undefined;
  const model: ModelWeights = { configuration: configuration.decoder, vocabulary, encoder, decoder, tags };
  return { configuration, model, progress: NO_PROGRESS, optimiser: new Map() };
}

/** The trained model's weights, with the words of the captions that it does not know. */
async function startFrom(init: Bundle, options: TrainOptions): Promise<Start> {
  const { configuration, datasets, texts = [], onMessage } = options;
  const { decoder: form, encoder: view } = init.manifest.configuration;
  // How it learns, not what it is: that stays the run's own.
  const { dropout, tbptt } = configuration.decoder;
  const decoder = { ...form, dropout, tbptt };
  const own = modelsOwn(configuration, init);
  const { unit } = init.vocabulary.writing;
  const given = {
    ...configuration,
    ...own,
    decoder,
    encoder: { ...configuration.encoder, fit: view.fit },
    vocabulary: { ...configuration.vocabulary, unit },
  };
  const writing = new Writing({ language: own.language, unit });
  const captions = captionsToLearn(datasets, texts);
  const vocabulary = init.vocabulary.extendedBy(captions, configuration.vocabulary.minimumCount, writing);
  const weights = await readBundleWeights(init);
  const old = { configuration: decoder, vocabulary: init.vocabulary, decoder: weights.decoder };
  const tokenised = captions.map((caption) => writing.tokenise(caption));
  const model: ModelWeights = {
    configuration: decoder,
    vocabulary,
    encoder: weights.encoder,
    decoder: extendVocabulary(old, vocabulary, tokenised),
    tags: init.tags,
  };
  onMessage?.(
    `going on from ${init.manifest.name}: its encoder, form of decoder, words and search stay (${vocabulary.size - init.vocabulary.size} ` +
      'words are new to it); encoder.*, decoder.* but dropout and tbptt, and vocabulary.unit do not count',
  );
  return {
    configuration: given,
    model,
    progress: { ...NO_PROGRESS, init: init.manifest.name },
    optimiser: new Map(),
  };
}

/** What a model says of itself and how it is searched, each where the configuration has the default. */
function modelsOwn({ language, licence, search }: TrainingConfiguration, { manifest }: Bundle) {
  const none = trainingConfigurationSchema.parse({});
  return {
    language: language === none.language ? manifest.language : language,
    licence: licence === none.licence ? manifest.licence : licence,
    search: modelsSearch(search, none.search, manifest.search),
  };
}

function modelsSearch(
  given: TrainingConfiguration['search'],
  none: TrainingConfiguration['search'],
  model: Bundle['manifest']['search'],
): TrainingConfiguration['search'] {
  const beamWidth = given.beamWidth === none.beamWidth ? model.beamWidth : given.beamWidth;
  const lengthPenalty =
    given.lengthPenalty === none.lengthPenalty ? model.lengthPenalty : given.lengthPenalty;
  if (given.consensus !== none.consensus) return { beamWidth, lengthPenalty, consensus: given.consensus };
  const { consensus = 0, expectedWords = 0 } = model;
  // Which words to expect is for the new model to learn; without, only the better half of a beam is worth comparing.
  const compared = expectedWords > 0 ? Math.max(2, Math.floor(beamWidth / 2)) : consensus;
  return { beamWidth, lengthPenalty, consensus: Math.min(consensus, compared, beamWidth) };
}

/** The last checkpoint; its configuration is the run's. */
export async function resumedStart(run: RunFolder, options: TrainOptions): Promise<Start> {
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
  return freshStart(options);
}
