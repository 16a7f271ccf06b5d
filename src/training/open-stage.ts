import type { CaptionGroup } from '../datasets/index.js';
import { impossibleEndings } from '../text/index.js';
import type { CaptionModel } from './caption-model.js';
import { CaptionReward } from './caption-reward.js';
import { ciderStage } from './cider-stage.js';
import type { StageName, TrainingConfiguration } from './configuration.js';
import { decoderStage } from './decoder-stage.js';
import { endToEndStage } from './end-to-end-stage.js';
import { CachedFeatures, EncodedFeatures } from './feature-source.js';
import { languageStage } from './language-stage.js';
import { pixelLoader } from './pixels.js';
import type { RunFolder } from './run-folder.js';
import type { Stage } from './stage.js';
import type { TrainingData } from './training-data.js';
import { toTextItem } from './training-texts.js';

/** What a stage is opened with. */
export interface StageInputs {
  readonly configuration: TrainingConfiguration;
  readonly model: CaptionModel;
  readonly data: TrainingData;
  readonly texts: readonly CaptionGroup[];
  readonly run: RunFolder;
  readonly onMessage: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** A stage that is ready to run, with all it reads; close it after. */
export async function openStage(
  name: StageName,
  { configuration, model, data, texts, run, onMessage, signal }: StageInputs,
): Promise<{ stage: Stage; close: () => Promise<void> }> {
  if (name === 'language') {
    const { maximumLength } = configuration.vocabulary;
    const items = texts.map((group) => toTextItem(group, model.vocabulary, maximumLength, model.tags));
    return { stage: languageStage(configuration, model, items), close: async () => {} };
  }
  const loader = pixelLoader(model.network, configuration.encoder.fit);
  if (name === 'endToEnd') {
    const features = new EncodedFeatures(model, data.paths, loader);
    return { stage: endToEndStage(configuration, model, data.training, features), close: async () => {} };
  }
  const report = (done: number, total: number) => {
    if (done === total || done % 1024 === 0) onMessage(`features of ${done} of ${total} images`);
  };
  const features = await CachedFeatures.open(model, data.paths, loader, run.features, report, signal);
  const close = () => features.close();
  if (name === 'decoder')
    return { stage: decoderStage(configuration, model, data.training, features), close };
  const endings = impossibleEndings(configuration.language);
  const reward = new CaptionReward(data.captions, model.vocabulary, endings);
  return { stage: ciderStage(configuration, model, data.training, features, reward), close };
}
