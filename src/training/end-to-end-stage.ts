import type { Scalar } from '@tensorflow/tfjs-node';
import { layOutCaptions } from '../decoder/caption-batch.js';
import { augment, decodeImage } from '../images/index.js';
import type { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import type { TrainingConfiguration } from './configuration.js';
import { divergence, type OriginalEncoder } from './distillation.js';
import type { FeatureSource } from './feature-source.js';
import { toTensor } from './pixels.js';
import type { Stage } from './stage.js';
import { teachingLoss } from './teaching-loss.js';
import type { TrainingImage } from './training-images.js';

/** Pictures are read this much larger than the network's input, so that a crop is not enlarged. */
const MARGIN = 8 / 7;

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
      const pixels = toTensor(model.network, pictures);
      const captions = layOutCaptions(batch.captions);
      return {
        images: batch.images.length,
        loss: () =>
          tidy(() => {
            const grid = model.features(pixels);
            const loss = teachingLoss(model, options, model.see(grid), captions, progress, random);
            if (original === undefined) return loss;
            const some = compared(batch.images.length, random);
            const present = model.classLogits(tf.gather(grid, some));
            const moved = divergence(present, original.classLogits(tf.gather(pixels, some)));
            return tf.add<Scalar>(loss, tf.mul(moved, options.distillation));
          }),
        dispose: () => pixels.dispose(),
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
  const { augment: augmented } = configuration.stages.endToEnd;
  const margin = augmented ? MARGIN : 1;
  const size = { width: Math.round(width * margin), height: Math.round(height * margin), fit };
  const pictures = await Promise.all(images.map((image) => decodeImage(training[image]?.image ?? '', size)));
  if (!augmented) return pictures.map(({ pixels }) => pixels);
  return pictures.map((picture, index) => {
    const flip = training[images[index] as number]?.mirrorable === true;
    return augment(picture, { width, height, flip }, random);
  });
}
