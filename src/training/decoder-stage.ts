import { layOutCaptions } from '../decoder/caption-batch.js';
import { captionLoss, encodeImages } from '../decoder/network.js';
import { tidy } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import type { TrainingConfiguration } from './configuration.js';
import type { FeatureSource } from './feature-source.js';
import type { Stage } from './stage.js';
import type { TrainingImage } from './training-images.js';

/** Stage `decoder`: the encoder frozen, its features from the cache, half of the pictures mirrored. */
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
    async prepare(batch, random) {
      const mirrored = batch.images.map(
        (image) => training[image]?.mirrorable === true && random.uniform() < 0.5,
      );
      const grid = await features.read(batch.images, mirrored);
      const captions = layOutCaptions(batch.captions);
      return {
        images: batch.images.length,
        loss: () =>
          tidy(() => {
            const encoded = encodeImages(model.configuration, model.decoder, model.see(grid), random);
            return captionLoss(
              model.configuration,
              model.decoder,
              encoded,
              captions,
              options.labelSmoothing,
              random,
            );
          }),
        dispose: () => grid.dispose(),
      };
    },
  };
}
