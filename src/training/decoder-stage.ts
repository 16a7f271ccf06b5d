import { layOutCaptions } from '../decoder/caption-batch.js';
import type { CaptionModel } from './caption-model.js';
import type { TrainingConfiguration } from './configuration.js';
import type { FeatureSource } from './feature-source.js';
import type { Stage } from './stage.js';
import { teachingLosses } from './teaching-loss.js';
import type { TrainingImage } from './training-images.js';

/** Stage `decoder`: the encoder frozen, its features of one of the looks at each picture. */
export function decoderStage(
  configuration: TrainingConfiguration,
  model: CaptionModel,
  training: readonly TrainingImage[],
  features: FeatureSource,
): Stage {
  const options = configuration.stages.decoder;
  return {
    name: 'decoder',
    configuration: options,
    items: training,
    variables: model.ofDecoder,
    rateOf: () => options.learningRate,
    features,
    async prepare(batch, random, progress) {
      const grid = await features.draw(batch.images, random);
      const captions = layOutCaptions(batch.captions);
      return {
        images: batch.images.length,
        losses: teachingLosses(model, options, [{ captions, grid: () => grid }], progress, random),
        dispose: () => grid.dispose(),
      };
    },
  };
}
