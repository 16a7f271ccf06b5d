import type { Scalar, Tensor3D } from '@tensorflow/tfjs-node';
import { layOutCaptions } from '../decoder/caption-batch.js';
import { decodeImage } from '../images/index.js';
import type { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import { readAugmented } from './augmented-pictures.js';
import type { CaptionModel } from './caption-model.js';
import type { TrainingConfiguration } from './configuration.js';
import { divergence, type OriginalEncoder } from './distillation.js';
import type { FeatureSource } from './feature-source.js';
import { picturesAtOnce } from './pictures-at-once.js';
import { toTensor } from './pixels.js';
import type { Stage } from './stage.js';
import { teachingLosses } from './teaching-loss.js';
import type { TrainingImage } from './training-images.js';

/** One in so many pictures of a step is looked at by the original encoder too: all would cost a quarter of the step more. */
const COMPARED = 4;

/**
 * Stage `endToEnd`: encoder and decoder together from augmented pixels, the encoder at a learning rate of its own.
 * @param original with distillation: the encoder whose class probabilities are kept to.
 */
export function endToEndStage(
  configuration: TrainingConfiguration,
  model: CaptionModel,
  training: readonly TrainingImage[],
  features: FeatureSource,
  original?: OriginalEncoder,
): Stage {
  const options = configuration.stages.endToEnd;
  return {
    name: 'endToEnd',
    configuration: options,
    items: training,
    variables: model.all,
    rateOf: (name) => (name.startsWith('encoder/') ? options.encoderLearningRate : options.learningRate),
    features,
    async prepare(batch, random, progress) {
      const pictures = await readPictures(configuration, model, training, batch.images, random);
      const parts = picturesAtOnce(batch.images.length, model.network.input).map(({ start, end }) => ({
        start,
        pixels: toTensor(model.network, pictures.slice(start, end)),
        captions: layOutCaptions(batch.captions.slice(start, end)),
      }));
      const ofOriginal = original === undefined ? [] : compared(batch.images.length, random);
      const lessons = parts.map(({ start, pixels, captions }) => ({
        captions,
        grid: () => model.features(pixels),
        more: (grid: Tensor3D) => {
          const some = ofOriginal.map((image) => image - start).filter((i) => i >= 0 && i < captions.images);
          if (original === undefined || some.length === 0) return undefined;
          const present = model.classLogits(tf.gather(grid, some));
          const moved = divergence(present, original.classLogits(tf.gather(pixels, some)));
          return tf.mul<Scalar>(moved, (options.distillation * some.length) / ofOriginal.length);
        },
      }));
      return {
        images: batch.images.length,
        losses: teachingLosses(model, options, lessons, progress, random),
        dispose: () => tf.dispose(parts.map(({ pixels }) => pixels)),
      };
    },
  };
}

/** Every fourth picture of a batch, at least one, from a place that is drawn. */
function compared(images: number, random: Random): number[] {
  const first = random.integer(Math.min(COMPARED, images));
  return Array.from(
    { length: Math.ceil((images - first) / COMPARED) },
    (_, index) => first + index * COMPARED,
  );
}

async function readPictures(
  configuration: TrainingConfiguration,
  model: CaptionModel,
  training: readonly TrainingImage[],
  images: readonly number[],
  random: Random,
): Promise<Uint8Array[]> {
  const { width, height } = model.network.input;
  const { fit } = configuration.encoder;
  const size = { width, height, fit };
  const shown = images.map((image) => training[image] as TrainingImage);
  if (configuration.stages.endToEnd.augment) return readAugmented(shown, size, random);
  const pictures = await Promise.all(shown.map(({ image }) => decodeImage(image, size)));
  return pictures.map(({ pixels }) => pixels);
}
