import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import { captionLogits, encodeImages } from '../../src/decoder/network.js';
import { withoutSpecialWords } from '../../src/decoder/sample-captions.js';
import { Random } from '../../src/random.js';
import { tf, tidy } from '../../src/tensorflow.js';
import { END, START } from '../../src/text/index.js';
import { selfCriticalLoss } from '../../src/training/self-critical-loss.js';
import { randomDecoderVariables } from '../support/random-decoder.js';

// Two words, and captions of at most one: with the four that are cut off, seven captions are all there are.
const WORDS = [4, 5];
const ALL = [
  [START, END],
  ...WORDS.flatMap((first) => [[START, first, END], ...WORDS.map((second) => [START, first, second])]),
];
/** What each is worth, of no order. */
const WORTH = [0.3, 1.2, 0, 0.7, 2, 0.1, 0.9];

const TEMPERATURE = 0.7;

const configuration = decoderConfigurationSchema.parse({ hidden: 5, embedding: 4, attentionUnits: 3 });
const { tensors, grid } = randomDecoderVariables(
  configuration,
  { gridCells: 2, channels: 3, vocabulary: 6 },
  1,
);

/** A loss over the decoder's weights as the stage computes it. */
function withPolicy(loss: (encode: () => ReturnType<typeof prepare>) => Scalar): () => Scalar {
  return () => tidy(() => loss(prepare));
}
function prepare() {
  const policy = withoutSpecialWords(tensors);
  return { policy, encoded: encodeImages(configuration, policy, { grid }) };
}

/** The probability of every caption. */
function probabilities(): number[] {
  return tidy(() => {
    const { policy, encoded } = prepare();
    const batch = layOutCaptions([ALL]);
    const rows = tf
      .logSoftmax(tf.div(captionLogits(configuration, policy, encoded, batch), TEMPERATURE))
      .arraySync() as number[][];
    const sums = ALL.map(() => 0);
    rows.forEach((row, p) => {
      sums[batch.captions[p] as number]! += row[batch.targets[p] as number] as number;
    });
    return sums.map(Math.exp);
  });
}

const expectedReward = () =>
  probabilities().reduce((sum, probability, caption) => sum + probability * (WORTH[caption] as number), 0);

function gradientsOf(loss: () => Scalar): { value: number; gradients: Map<string, Float32Array> } {
  const { value, grads } = tf.variableGrads(loss, [...tensors.values()]);
  const gradients = new Map(
    [...tensors].map(([name, { name: key }]) => [name, (grads[key] as Tensor).dataSync<'float32'>().slice()]),
  );
  const result = { value: value.dataSync()[0] as number, gradients };
  tf.dispose([value, ...Object.values(grads)]);
  return result;
}

/** dJ along a random direction of one weight array, by differences. */
function difference(variable: Variable, direction: readonly number[]): number {
  const start = variable.dataSync<'float32'>().slice();
  const at = (factor: number) => {
    const moved = start.map((value, i) => value + factor * (direction[i] as number));
    variable.assign(tf.tensor(moved, variable.shape));
    return expectedReward();
  };
  const delta = 1e-2;
  const slope = (8 * (at(delta) - at(-delta)) - (at(2 * delta) - at(-2 * delta))) / (12 * delta);
  variable.assign(tf.tensor(start, variable.shape));
  return slope;
}

describe('selfCriticalLoss', () => {
  it('has, on average over all samples, the gradient of minus the expected reward', () => {
    const share = probabilities();
    expect(share.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    const average = new Map([...tensors].map(([name, { size }]) => [name, new Float64Array(size)]));
    ALL.forEach((first, i) => {
      ALL.forEach((second, j) => {
        const { gradients } = gradientsOf(
          withPolicy((start) => {
            const { policy, encoded } = start();
            const rewards = [[WORTH[i] as number, WORTH[j] as number]];
            return selfCriticalLoss(configuration, policy, TEMPERATURE, encoded, [[first, second]], rewards);
          }),
        );
        for (const [name, values] of gradients) {
          const sum = average.get(name) as Float64Array;
          for (const [index, value] of values.entries())
            sum[index]! += (share[i] as number) * (share[j] as number) * value;
        }
      });
    });
    const random = new Random(13);
    for (const [name, variable] of tensors) {
      const direction = Array.from({ length: variable.size }, () => random.normal());
      const length = Math.hypot(...direction);
      const unit = direction.map((value) => value / length);
      const numeric = -difference(variable, unit);
      const analytic = unit.reduce(
        (sum, value, index) => sum + value * ((average.get(name) as Float64Array)[index] as number),
        0,
      );
      expect(Math.abs(analytic - numeric), `${name}: ${analytic}, ${numeric} by differences`).toBeLessThan(
        2e-4 + 0.01 * Math.abs(numeric),
      );
    }
  });

  it('shows minus the mean reward, and moves nothing where all samples are worth the same', () => {
    const samples = [ALL.slice(0, 3)];
    const loss = (rewards: number[]) =>
      gradientsOf(
        withPolicy((start) => {
          const { policy, encoded } = start();
          return selfCriticalLoss(configuration, policy, TEMPERATURE, encoded, samples, [rewards]);
        }),
      );
    expect(loss([0.5, 1, 3]).value).toBeCloseTo(-1.5, 5);
    const { value, gradients } = loss([0.4, 0.4, 0.4]);
    expect(value).toBeCloseTo(-0.4, 5);
    for (const values of gradients.values()) expect(Math.hypot(...values)).toBeLessThan(1e-6);
  });
});
