import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { type DecoderConfiguration, decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import { initialiseDecoder } from '../../src/decoder/initialise.js';
import { captionLoss, encodeImages } from '../../src/decoder/network.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { sizeOf } from '../../src/weights.js';

const sizes = { gridCells: 3, channels: 5, vocabulary: 11 };
// Captions of unequal length and number, one of them cut short, so that rows drop out at different steps.
const captions = [
  [
    [1, 4, 5, 6, 2],
    [1, 7, 2],
  ],
  [[1, 8, 9, 10, 4, 5]],
];

function setUp(configuration: DecoderConfiguration) {
  const random = new Random(7);
  const tensors = new Map<string, Variable>();
  for (const [name, { shape }] of initialiseDecoder(configuration, sizes, random)) {
    // Larger than the initial weights, so that every gate is away from its linear part.
    // The projections are kept off the kink of their relu, where differences say nothing.
    const shift = name === 'projection.bias' || name === 'tags.bias' ? 3 : 0;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * 0.5 + shift);
    tensors.set(name, tf.variable(tf.tensor(values, [...shape])));
  }
  const features = tf.variable(
    tf.tensor3d(
      Float32Array.from({ length: 30 }, () => random.normal()),
      [2, 3, 5],
    ),
  );
  const batch = layOutCaptions(captions);
  const tags = {
    tokens: tf.tensor2d([4, 9, 4, 5], [2, 2], 'int32'),
    probabilities: tf.tensor2d([0.6, 0.3, 0.9, 0.1], [2, 2]),
  };
  const loss = () =>
    tf.tidy(() => {
      const encoded = encodeImages(configuration, tensors, {
        grid: features as never,
        tags: configuration.tags > 0 ? tags : undefined,
      });
      return captionLoss(configuration, tensors, encoded, batch, 0.1);
    });
  return { tensors: new Map([...tensors, ['features', features]]), loss };
}

/** (L(w + δ d) − L(w − δ d)) / 2δ along a random direction d, against ∇L · d: one number that every value enters. */
function compare(configuration: DecoderConfiguration): { name: string; analytic: number; numeric: number }[] {
  const { tensors, loss } = setUp(configuration);
  const variables = [...tensors.values()];
  const { grads, value } = tf.variableGrads(loss, variables);
  value.dispose();
  const random = new Random(11);
  return [...tensors].map(([name, variable]) => {
    const start = variable.dataSync<'float32'>().slice();
    const direction = start.map(() => random.normal());
    const gradient = (grads[variable.name] as Tensor).dataSync<'float32'>();
    const analytic = gradient.reduce((sum, value, index) => sum + value * (direction[index] as number), 0);
    const length = Math.hypot(...direction);
    const delta = 2e-2 / length;
    const at = (factor: number) => {
      const moved = start.map((value, index) => value + factor * (direction[index] as number));
      variable.assign(tf.tensor(moved, variable.shape as number[]) as never);
      return loss().dataSync()[0] as number;
    };
    // Fourth-order central difference: float32 leaves about six digits of the loss.
    const numeric = (8 * (at(delta) - at(-delta)) - (at(2 * delta) - at(-2 * delta))) / (12 * delta);
    variable.assign(tf.tensor(start, variable.shape as number[]) as never);
    return { name, analytic: analytic / length, numeric: numeric / length };
  });
}

const small = { hidden: 6, embedding: 4, attentionUnits: 5 };
const allForms = ['simpleRnn', 'lstm', 'gru'].flatMap((cell) =>
  ['additive', 'none'].flatMap((attention) =>
    ['state', 'firstToken', 'everyStep'].flatMap((inject) =>
      [1, 2].map((layers) => ({ cell, attention, inject, layers, tags: 0 })),
    ),
  ),
);
const cases = [...allForms, { cell: 'lstm', attention: 'additive', inject: 'state', layers: 1, tags: 2 }];

describe('gradients of the decoder, without which training would go astray unnoticed', () => {
  it.each(cases)('$cell, attention $attention, inject $inject, $layers layers, $tags tags', (choice) => {
    const configuration = decoderConfigurationSchema.parse({
      ...small,
      ...choice,
      tieEmbedding: choice.layers === 1,
    });
    for (const { name, analytic, numeric } of compare(configuration)) {
      expect(
        Math.abs(analytic - numeric),
        `${name}: ${analytic} by hand, ${numeric} by differences`,
      ).toBeLessThan(2e-4 + 0.01 * Math.abs(numeric));
    }
  });
});
