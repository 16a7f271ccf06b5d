import type { Scalar, Tensor3D, Variable } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import { initialiseDecoder } from '../../src/decoder/initialise.js';
import { captionLoss, encodeImages } from '../../src/decoder/network.js';
import { TensorFlowStepper } from '../../src/decoder/tensorflow-stepper.js';
import { Random } from '../../src/random.js';
import { greedySearch } from '../../src/search/index.js';
import { tf, tidy } from '../../src/tensorflow.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { Optimiser } from '../../src/training/optimiser.js';

const START = 1;
const END = 2;
const VOCABULARY = 14;
const NO_DROPOUT = { memory: 0, embedding: 0, output: 0 };

/** Eight pictures that are noise, each with a caption of its own: of other lengths, some beginning alike. */
const captions = [
  [4, 5, 6, 7],
  [4, 5, 6, 8, 9],
  [4, 5, 10],
  [11, 12],
  [11, 12, 13, 4, 4, 5],
  [6, 6, 6],
  [6, 6, 7, 6],
  [9],
];

describe('a decoder that can learn at all', () => {
  it.each([
    { cell: 'lstm', attention: 'additive', inject: 'state' },
    { cell: 'lstm', attention: 'none', inject: 'state' },
    { cell: 'gru', attention: 'additive', inject: 'everyStep' },
    { cell: 'simpleRnn', attention: 'none', inject: 'firstToken' },
  ])(
    'writes eight captions without a mistake: $cell, attention $attention, inject $inject',
    async (choice) => {
      const configuration = decoderConfigurationSchema.parse({
        ...choice,
        hidden: 32,
        embedding: 16,
        attentionUnits: 16,
        dropout: NO_DROPOUT,
      });
      const random = new Random(3);
      const sizes = { gridCells: 4, channels: 8, vocabulary: VOCABULARY };
      const weights = new Map<string, Variable>();
      for (const [name, { shape, values }] of initialiseDecoder(configuration, sizes, random)) {
        weights.set(name, tf.variable(tf.tensor(values, [...shape])));
      }
      const noise = Float32Array.from({ length: captions.length * 4 * 8 }, () => random.normal());
      const features = tf.tensor3d(noise, [captions.length, 4, 8]);
      const batch = layOutCaptions(captions.map((words) => [[START, ...words, END]]));
      const optimiser = new Optimiser(trainingConfigurationSchema.parse({}).optimiser);
      const loss = (): Scalar =>
        tidy(() =>
          captionLoss(
            configuration,
            weights,
            encodeImages(configuration, weights, { grid: features }),
            batch,
            0,
          ),
        );
      let last = Number.POSITIVE_INFINITY;
      for (let step = 0; step < 300 && last > 0.01; step++) {
        const { value, grads } = tf.variableGrads(loss, [...weights.values()]);
        const gradients = new Map([...weights].map(([name, { name: key }]) => [name, grads[key]!]));
        optimiser.apply(weights, gradients, () => 0.01);
        last = value.dataSync()[0] as number;
        tf.dispose([value, ...gradients.values()]);
      }
      expect(last).toBeLessThan(0.01);

      const stepper = new TensorFlowStepper(configuration, weights);
      const found = await greedySearch(stepper, { grid: features as Tensor3D }, captions.length);
      stepper.dispose();
      expect(found.map(([best]) => best?.tokens)).toEqual(captions);
    },
  );
});
