import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-node';
import { afterAll, describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import {
  type DecoderConfiguration,
  decoderConfigurationSchema,
  stateNames,
} from '../../src/decoder/configuration.js';
import { crossEntropy } from '../../src/decoder/cross-entropy.js';
import { captionLogits, encodeImages } from '../../src/decoder/network.js';
import { projectWords, runRecurrence } from '../../src/decoder/recurrence.js';
import { runStep } from '../../src/decoder/step.js';
import { decoderWeightShapes } from '../../src/decoder/weight-shapes.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { randomDecoderVariables } from '../support/random-decoder.js';

const B = 2;
const STEPS = 5;
const sizes = { gridCells: 3, channels: 5, vocabulary: 11 };
const small = { hidden: 6, embedding: 4, attentionUnits: 5 };
const random = new Random(23);
const normal = (...shape: number[]) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.7 * random.normal()),
    shape,
  );
afterAll(() => tf.disposeVariables());

/** Everything that the recurrence reads, random, and what its outputs are weighed by in the loss. */
function setUp(configuration: DecoderConfiguration) {
  const given = new Map<string, Variable>();
  const give = (name: string, ...shape: number[]) => given.set(name, tf.variable(normal(...shape)));
  give('words', STEPS * B, small.embedding);
  for (const name of stateNames(configuration)) give(name, B, small.hidden);
  for (const [name, shape] of decoderWeightShapes(configuration, sizes)) {
    if (/^cell|^attention\.(query|score)/.test(name)) give(name, ...shape);
  }
  if (configuration.attention === 'additive') {
    give('memory', B, sizes.gridCells, small.hidden);
    give('keys', B, sizes.gridCells, small.attentionUnits);
  }
  const width = configuration.attention === 'additive' ? 2 * small.hidden : small.hidden;
  return { given, factors: normal(STEPS * B, width) as Tensor2D };
}

/** The states after so many steps, as arrays that no change of a weight moves. */
function statesAfter(
  steps: number,
  configuration: DecoderConfiguration,
  given: ReadonlyMap<string, Tensor>,
): Tensor2D[] {
  let states = stateNames(configuration).map((name) => given.get(name) as Tensor2D);
  const projected = projectWords(configuration, given, given.get('words') as Tensor2D);
  for (let t = 0; t < steps; t++) {
    const row = projected.slice([t * B, 0], [B, -1]) as Tensor2D;
    states = [...runStep(configuration, given, row, states).states];
  }
  return states.map((state) => tf.tensor2d(state.arraySync()));
}

/** The loss with each N steps begun from states that stay as they are: what a truncated gradient is the slope of. */
function piecewiseLoss(
  configuration: DecoderConfiguration,
  given: ReadonlyMap<string, Tensor>,
  factors: Tensor2D,
  starts: readonly (readonly Tensor2D[])[],
): number {
  const { tbptt } = configuration;
  return tf.tidy(() => {
    const losses = starts.map((states, piece) => {
      const steps = Math.min(tbptt, STEPS - piece * tbptt);
      const rows = [piece * tbptt * B, steps * B] as const;
      const own = new Map(given);
      own.set('words', (given.get('words') as Tensor2D).slice([rows[0], 0], [rows[1], -1]));
      if (piece > 0) for (const [i, name] of stateNames(configuration).entries()) own.set(name, states[i]!);
      const outputs = runRecurrence({ ...configuration, tbptt: 0 }, own, B, Array(steps).fill(1));
      return tf.sum(tf.mul(outputs, factors.slice([rows[0], 0], [rows[1], -1])));
    });
    return tf.addN(losses).dataSync()[0] as number;
  });
}

const forms = (['simpleRnn', 'lstm', 'gru'] as const).flatMap((cell) =>
  (['additive', 'none'] as const).flatMap((attention) =>
    [1, 2].map((layers) => ({ cell, attention, layers })),
  ),
);

describe('truncated back-propagation through time', () => {
  it.each(forms)(
    '$cell, attention $attention, $layers layers: gradients end where the states are taken as given',
    (form) => {
      const configuration = decoderConfigurationSchema.parse({ ...small, ...form, tbptt: 2 });
      const { given, factors } = setUp(configuration);
      const starts = [0, 2, 4].map((steps) => statesAfter(steps, configuration, given));
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.mul(runRecurrence(configuration, given, B, Array(STEPS).fill(1)), factors)),
        [...given.values()],
      );
      for (const [name, variable] of given) {
        const start = variable.dataSync<'float32'>().slice();
        const direction = start.map(() => random.normal());
        const gradient = (grads[variable.name] as Tensor).dataSync<'float32'>();
        const length = Math.hypot(...direction);
        const analytic = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0) / length;
        const delta = 2e-2 / length;
        const at = (factor: number) => {
          const moved = start.map((value, i) => value + factor * direction[i]!);
          variable.assign(tf.tensor(moved, variable.shape as number[]) as never);
          return piecewiseLoss(configuration, given, factors, starts);
        };
        const numeric = (8 * (at(delta) - at(-delta)) - (at(2 * delta) - at(-2 * delta))) / (12 * 2e-2);
        variable.assign(tf.tensor(start, variable.shape as number[]) as never);
        expect(
          Math.abs(analytic - numeric),
          `${name}: ${analytic} by hand, ${numeric} by differences`,
        ).toBeLessThan(1e-3 + 0.01 * Math.abs(numeric));
      }
    },
  );

  /** The gradients of the captions' summed loss. */
  function gradientsOf(tbptt: number, captions: readonly number[][][], images: readonly number[]) {
    const configuration = decoderConfigurationSchema.parse({ ...small, cell: 'lstm', layers: 2, tbptt });
    const { tensors, grid } = randomDecoderVariables(configuration, sizes, 2);
    const batch = layOutCaptions(captions);
    const { grads } = tf.variableGrads(
      () =>
        tf.tidy(() => {
          const encoded = encodeImages(configuration, tensors, { grid: tf.gather(grid, [...images]) });
          const logits = captionLogits(configuration, tensors, encoded, batch);
          const targets = tf.tensor1d(batch.targets, 'int32');
          return crossEntropy(logits, targets, 0, tf.ones([batch.targets.length]));
        }),
      [...tensors.values()],
    );
    return [...tensors].map(([name, variable]) => ({
      name,
      values: [...(grads[variable.name] as Tensor).dataSync()],
    }));
  }
  const first = [
    [1, 4, 5, 6, 9, 2],
    [1, 7, 2],
  ];
  const second = [[1, 8, 9, 10, 4, 5, 2]];

  it('cuts captions of every length in a batch at the same of their words', () => {
    const alone = [
      gradientsOf(2, [[first[0]!]], [0]),
      gradientsOf(2, [[first[1]!]], [0]),
      gradientsOf(2, [second], [1]),
    ];
    gradientsOf(2, [first, second], [0, 1]).forEach(({ name, values }, index) => {
      values.forEach((value, i) => {
        const sum = alone.reduce((total, each) => total + each[index]!.values[i]!, 0);
        expect(Math.abs(value - sum), `${name}[${i}]`).toBeLessThan(1e-4 * Math.max(1, Math.abs(sum)));
      });
    });
  });

  it('changes nothing where captions are no longer than what is kept, and something where they are', () => {
    const whole = gradientsOf(0, [first, second], [0, 1]);
    expect(gradientsOf(6, [first, second], [0, 1])).toEqual(whole);
    expect(gradientsOf(5, [first, second], [0, 1])).not.toEqual(whole);
  });
});

describe('the observer of gradients', () => {
  it.each(['simpleRnn', 'lstm', 'gru'] as const)('is told ∂loss/∂h_t of a %s, step by step', (cell) => {
    const configuration = decoderConfigurationSchema.parse({ ...small, cell, attention: 'none' });
    const { given, factors } = setUp(configuration);
    const told = new Map<number, number[][]>();
    tf.variableGrads(
      () =>
        tf.sum(
          tf.mul(
            runRecurrence(configuration, given, B, Array(STEPS).fill(1), (t, gradient) =>
              told.set(t, gradient.arraySync()),
            ),
            factors,
          ),
        ),
      [...given.values()],
    );
    expect([...told.keys()]).toEqual([4, 3, 2, 1, 0]);
    for (let t = 0; t < STEPS; t++) {
      // The loss as a function of h_t alone: what is read from it now, and all later steps begun from it.
      const states = statesAfter(t + 1, configuration, given);
      const rows = (tensor: Tensor, from: number) => tensor.slice([from * B, 0], [-1, -1]) as Tensor2D;
      const loss = (h: Tensor) => {
        const now = tf.sum(tf.mul(h, factors.slice([t * B, 0], [B, -1])));
        if (t === STEPS - 1) return now;
        const own = new Map<string, Tensor>(given);
        own.set('words', rows(given.get('words') as Tensor2D, t + 1));
        for (const [i, name] of stateNames(configuration).entries()) own.set(name, i === 0 ? h : states[i]!);
        const later = runRecurrence(configuration, own, B, Array(STEPS - t - 1).fill(1));
        return tf.add(now, tf.sum(tf.mul(later, rows(factors, t + 1))));
      };
      const h = states[0]!.arraySync();
      h.forEach((row, r) => {
        row.forEach((_, unit) => {
          const at = (delta: number) =>
            loss(
              tf.tensor2d(h.map((own, i) => own.map((x, u) => (i === r && u === unit ? x + delta : x)))),
            ).dataSync()[0]!;
          const numeric = (at(0.01) - at(-0.01)) / 0.02;
          expect(Math.abs(told.get(t)![r]![unit]! - numeric), `step ${t}`).toBeLessThan(5e-3);
        });
      });
    }
  });
});
