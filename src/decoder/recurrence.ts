import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import { tf, tidy } from '../tensorflow.js';
import type { DecoderConfiguration } from './configuration.js';
import { stateNames } from './configuration.js';
import { type GradientObserver, RecurrenceBackward } from './recurrence-backward.js';
import { type RecurrenceShape, SavedSteps } from './recurrence-steps.js';
import { runStep } from './step.js';

/** The tensors that the recurrence reads, by name; its gradient has the same names. */
export type RecurrenceTensors = ReadonlyMap<string, Tensor>;

/**
 * The decoder's recurrence over whole captions with the words known (teacher forcing).
 *
 * Back-propagation through time is written by hand here and not left to the engine: the gradients of weights, which add up
 * over steps, become one product each over all steps, and nothing the size of the grid is copied at each word. Tests check
 * it against finite differences for every configuration.
 *
 * @param tensors `words` [R, E] embedded; each initial state by name (`h0`, …) [B, D]; with attention `memory` [B, L, D] and
 *   `keys` [B, L, A]; with inject everyStep and no attention `mean` [B, D]; and the decoder's weights of cells and
 *   attention by their names.
 * @param captionsAtStep K_t, see CaptionBatch.
 * @param observe is told ∂loss/∂h_t when the gradient is taken.
 * @returns `[R, D]`, or with attention `[R, 2 D]`: the top layer's h_t and beside it the attended context.
 */
export function runRecurrence(
  configuration: DecoderConfiguration,
  tensors: RecurrenceTensors,
  images: number,
  captionsAtStep: readonly number[],
  observe?: GradientObserver,
): Tensor2D {
  const names = [...tensors.keys()];
  const shape: RecurrenceShape = { configuration, images, captionsAtStep };
  const run = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (tensors: Tensor[]) => void;
    const given = new Map(names.map((name, index) => [name, inputs[index] as Tensor]));
    const steps = new SavedSteps(given);
    const value = forward(shape, given, steps);
    save(steps.tensors);
    return {
      value,
      gradFunc: (dOutput: Tensor, saved: Tensor[]) => {
        const backward = new RecurrenceBackward(shape, steps.restored(saved), observe);
        const gradients = backward.run(dOutput as Tensor2D);
        return names.map((name) => gradients.get(name) as Tensor);
      },
    };
  });
  return run(...names.map((name) => tensors.get(name) as Tensor)) as Tensor2D;
}

/** Steps through the captions, keeping for the gradient what it needs. */
function forward(shape: RecurrenceShape, tensors: RecurrenceTensors, steps: SavedSteps): Tensor2D {
  const { configuration, images, captionsAtStep } = shape;
  const projected = projectWords(configuration, tensors, tensors.get('words') as Tensor2D);
  let states = stateNames(configuration).map((name) =>
    repeatRows(tensors.get(name) as Tensor2D, captionsAtStep[0] ?? 1),
  );
  const outputs: Tensor2D[] = [];
  let offset = 0;
  captionsAtStep.forEach((captions, t) => {
    const rows = images * captions;
    const before = captionsAtStep[t - 1] ?? captions;
    if (captions < before) states = states.map((state) => keepCaptions(state, images, before, captions));
    const fromWords = projected.slice([offset, 0], [rows, -1]) as Tensor2D;
    const step = tidy(() => runStep(configuration, tensors, fromWords, states));
    steps.add({ ...step, before: states });
    states = [...step.states];
    outputs.push(step.output);
    offset += rows;
  });
  return tf.concat(outputs, 0);
}

/** The first cell's product with words, of all steps at once: words · W_e + b, `[R, G D]`. */
export function projectWords(
  configuration: DecoderConfiguration,
  tensors: RecurrenceTensors,
  words: Tensor2D,
): Tensor2D {
  const kernel = (tensors.get('cell0.kernel') as Tensor2D).slice([0, 0], [configuration.embedding, -1]);
  return tf.add(tf.matMul(words, kernel as Tensor2D), tensors.get('cell0.bias') as Tensor);
}

/** `[B, D]` -> `[B K, D]`, each row K times. */
export function repeatRows(rows: Tensor2D, times: number): Tensor2D {
  const [count, width] = rows.shape;
  return tf
    .tile(rows.reshape([count, 1, width]) as Tensor3D, [1, times, 1])
    .reshape([count * times, width]) as Tensor2D;
}

/** `[B K, D]` -> `[B k, D]`, the first k captions of each image. */
function keepCaptions(state: Tensor2D, images: number, from: number, to: number): Tensor2D {
  const width = state.shape[1];
  return state
    .reshape([images, from, width])
    .slice([0, 0, 0], [images, to, width])
    .reshape([images * to, width]) as Tensor2D;
}
