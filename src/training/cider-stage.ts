import { encodeImages } from '../decoder/network.js';
import { sampleCaptions, withoutSpecialWords } from '../decoder/sample-captions.js';
import { tidy, withoutGradients } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import type { CaptionReward } from './caption-reward.js';
import type { TrainingConfiguration } from './configuration.js';
import type { FeatureSource } from './feature-source.js';
import { selfCriticalLoss } from './self-critical-loss.js';
import type { Stage } from './stage.js';
import type { TrainingImage } from './training-images.js';

/**
 * Stage `cider`: the decoder learns from its own captions, made likelier where they score above the others of their image.
 * The encoder is frozen, its features of one of the looks at each picture. There is no dropout: captions must be
 * drawn from the distribution whose gradient is taken.
 */
export function ciderStage(
  configuration: TrainingConfiguration,
  model: CaptionModel,
  training: readonly TrainingImage[],
  features: FeatureSource,
  reward: CaptionReward,
): Stage {
  const options = configuration.stages.cider;
  const { maximumLength } = configuration.vocabulary;
  return {
    name: 'cider',
    // Of people's captions it needs none here: they are in the reward.
    configuration: { ...options, captionsPerImage: 1 },
    items: training,
    variables: model.ofDecoder,
    rateOf: () => options.learningRate,
    features,
    scoresStart: true,
    async prepare({ images }, random) {
      const grid = await features.draw(images, random);
      return {
        images: images.length,
        losses: [
          () =>
            tidy(() => {
              const policy = withoutSpecialWords(model.decoder);
              const encoded = encodeImages(model.configuration, policy, model.see(grid));
              const { samples: count, temperature } = options;
              const drawing = { samples: count, maximumLength, temperature, random };
              const samples = withoutGradients(() =>
                sampleCaptions(model.configuration, policy, encoded, drawing),
              );
              const rewards = samples.map((captions, index) =>
                captions.map((tokens) => reward.of(images[index] as number, tokens)),
              );
              return selfCriticalLoss(model.configuration, policy, temperature, encoded, samples, rewards);
            }),
        ],
        dispose: () => grid.dispose(),
      };
    },
  };
}
