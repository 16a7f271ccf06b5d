import type { CaptionGroup } from '../datasets/index.js';
import { impossibleEndings } from '../text/index.js';
import { readWeightsFile } from '../weights-file.js';
import type { CaptionModel } from './caption-model.js';
import { CaptionReward } from './caption-reward.js';
import { ciderStage } from './cider-stage.js';
import type { StageName, TrainingConfiguration } from './configuration.js';
import { decoderStage } from './decoder-stage.js';
import { OriginalEncoder } from './distillation.js';
import { endToEndStage } from './end-to-end-stage.js';
import { CachedFeatures, EncodedFeatures, type FeatureSource } from './feature-source.js';
import { languageStage } from './language-stage.js';
import { Looks } from './looks.js';
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

/** A stage that is ready to run, with all it reads; close it after. @param isStart false when it goes on half way. */
export async function openStage(
  name: StageName,
  isStart: boolean,
  inputs: StageInputs,
): Promise<{ stage: Stage; close: () => Promise<void> }> {
  const { configuration, model, data, run, onMessage, signal } = inputs;
  const loader = pixelLoader(model.network, configuration.encoder.fit);
  const encoded = new EncodedFeatures(model, data.paths, loader);
  if (name === 'language') return { stage: stageOf(name, inputs, encoded), close: async () => {} };
  if (name === 'endToEnd') {
    const { distillation } = configuration.stages.endToEnd;
    const original = distillation > 0 ? await originalEncoder(model, run, isStart) : undefined;
    return { stage: stageOf(name, inputs, encoded, original), close: async () => original?.dispose() };
  }
  let told = 0;
  const report = (done: number, total: number) => {
    if (done < total && done - told < 1024) return;
    told = done;
    onMessage(`features of ${done} of ${total} looks at images`);
  };
  const features = await CachedFeatures.open(
    model,
    data.paths,
    looksOf(inputs),
    run.features,
    report,
    signal,
  );
  return { stage: stageOf(name, inputs, features), close: () => features.close() };
}

/** The looks at pictures that stages with a frozen encoder learn from. */
export function looksOf({
  configuration,
  model,
  data,
}: Pick<StageInputs, 'configuration' | 'model' | 'data'>): Looks {
  const { width, height } = model.network.input;
  const size = { width, height, fit: configuration.encoder.fit };
  return new Looks(data.paths, data.training, size, configuration.stages.decoder.views, configuration.seed);
}

/** A stage that takes its features from there. */
export function stageOf(
  name: StageName,
  { configuration, model, data, texts }: Pick<StageInputs, 'configuration' | 'model' | 'data' | 'texts'>,
  features: FeatureSource,
  original?: OriginalEncoder,
): Stage {
  if (name === 'language') {
    const { maximumLength } = configuration.vocabulary;
    const items = texts.map((group) => toTextItem(group, model.vocabulary, maximumLength, model.tags));
    return languageStage(configuration, model, items);
  }
  if (name === 'decoder') return decoderStage(configuration, model, data.training, features);
  if (name === 'endToEnd') return endToEndStage(configuration, model, data.training, features, original);
  const reward = new CaptionReward(
    data.captions,
    model.vocabulary,
    impossibleEndings(configuration.language),
  );
  return ciderStage(configuration, model, data.training, features, reward);
}

/** The encoder as it is at the start of the stage, which is kept for when the run is resumed within it. */
async function originalEncoder(
  model: CaptionModel,
  run: RunFolder,
  isStart: boolean,
): Promise<OriginalEncoder> {
  if (isStart) await run.keepOriginalEncoder(model.weights().encoder.weights);
  const weights = await readWeightsFile(run.originalEncoder);
  return new OriginalEncoder({ ...model.network, weights });
}
