import { layOutCaptions } from '../decoder/caption-batch.js';
import { captionLoss, encodeText } from '../decoder/network.js';
import type { TagEvidence } from '../decoder/tags.js';
import type { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import { inventTags } from './artificial-tags.js';
import type { CaptionModel } from './caption-model.js';
import type { TrainingConfiguration } from './configuration.js';
import type { Stage } from './stage.js';
import type { TextItem } from './training-texts.js';

/**
 * Stage `language`: the decoder alone learns to write from captions without pictures. Its grid is empty; where the model
 * has tags, it is given some of the captions' own words as such, so that it learns what tags are for.
 */
export function languageStage(
  configuration: TrainingConfiguration,
  model: CaptionModel,
  texts: readonly TextItem[],
): Stage {
  const options = configuration.stages.language;
  const tagTokens = (model.tags?.words ?? []).map((word) => model.vocabulary.numberOf(word));
  return {
    name: 'language',
    configuration: options,
    items: texts,
    variables: model.ofDecoder,
    rateOf: () => options.learningRate,
    async prepare(batch, random) {
      const captions = layOutCaptions(batch.captions);
      const images = batch.images.length;
      const tags = artificial(
        model,
        tagTokens,
        batch.images.map((item) => texts[item]?.tags ?? []),
        random,
      );
      return {
        images,
        losses: [
          () =>
            tidy(() => {
              const encoded = encodeText(model.configuration, model.decoder, images, tags, random);
              return captionLoss(
                model.configuration,
                model.decoder,
                encoded,
                captions,
                options.labelSmoothing,
                random,
              );
            }),
        ],
        dispose: () => tf.dispose(tags === undefined ? [] : [tags.tokens, tags.probabilities]),
      };
    },
  };
}

function artificial(
  model: CaptionModel,
  tagTokens: readonly number[],
  mentioned: readonly (readonly number[])[],
  random: Random,
): TagEvidence | undefined {
  const count = model.configuration.tags;
  if (count === 0) return undefined;
  const invented = mentioned.map((tokens) => inventTags(tokens, tagTokens, count, random));
  const shape: [number, number] = [mentioned.length, count];
  return {
    tokens: tf.tensor2d(
      invented.flatMap(({ tokens }) => tokens),
      shape,
      'int32',
    ),
    probabilities: tf.tensor2d(
      invented.flatMap(({ probabilities }) => probabilities),
      shape,
    ),
  };
}
