import type { Rank, Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import type { DecoderStepper, StepOutput } from '../search/stepper.js';
import { tf, tidy } from '../tensorflow.js';
import type { DecoderConfiguration } from './configuration.js';
import {
  type DecoderTensors,
  encodeImages,
  type ImageFeatures,
  recurrenceTensors,
  wordLogits,
} from './network.js';
import { projectWords } from './recurrence.js';
import { runStep } from './step.js';

/** Captions under way in TensorFlow. */
interface RowState {
  /** The image of each row. */
  readonly images: Int32Array;
  /** `[rows, D]`, as `stateNames` gives them. */
  readonly states: readonly Tensor2D[];
}

/**
 * The training engine as search sees it, for the dev score while training and for the comparison with ONNX Runtime.
 * Holds the tensors of one batch of images: call `dispose` when its search is done.
 */
export class TensorFlowStepper implements DecoderStepper<ImageFeatures, RowState> {
  readonly vocabularySize: number;
  private readonly owned: Tensor[] = [];
  private given = new Map<string, Tensor>();

  constructor(
    private readonly configuration: DecoderConfiguration,
    private readonly tensors: DecoderTensors,
  ) {
    this.vocabularySize = tensors.get('embedding')?.shape[0] ?? 0;
  }

  /** @param features stay the caller's. */
  start(features: ImageFeatures): RowState {
    const { memory, keys, mean, states } = tidy(() =>
      encodeImages(this.configuration, this.tensors, features),
    );
    // Words come with each step; here there are none.
    const words = tf.zeros<Rank.R2>([0, 0]);
    this.owned.push(memory, mean, words, ...states, ...(keys === undefined ? [] : [keys]));
    const encoded = keys === undefined ? { memory, mean, states } : { memory, keys, mean, states };
    this.given = recurrenceTensors(this.configuration, this.tensors, encoded, words);
    return { images: Int32Array.from({ length: features.grid.shape[0] }, (_, image) => image), states };
  }

  async step(tokens: Int32Array, state: RowState): Promise<StepOutput<RowState>> {
    const result = tidy(() => {
      const embedding = this.tensors.get('embedding') as Tensor2D;
      const words = tf.gather(embedding, tf.tensor1d(tokens, 'int32')) as Tensor2D;
      const fromWords = projectWords(this.configuration, this.given, words);
      const step = runStep(this.configuration, this.imagesOfRows(state.images), fromWords, state.states);
      const logProbabilities = tf.logSoftmax(wordLogits(this.configuration, this.tensors, step.output));
      return { states: [...step.states], logProbabilities, attention: step.attention?.weights ?? null };
    });
    this.owned.push(...result.states);
    const logProbabilities = (await result.logProbabilities.data()) as Float32Array;
    const attention = (await result.attention?.data()) as Float32Array | undefined;
    tf.dispose([result.logProbabilities, ...(result.attention === null ? [] : [result.attention])]);
    return {
      state: { images: state.images, states: result.states },
      logProbabilities,
      ...(attention === undefined ? {} : { attention }),
    };
  }

  select(state: RowState, rows: Int32Array): RowState {
    const states = tidy(() => {
      const indices = tf.tensor1d(rows, 'int32');
      return state.states.map((tensor) => tf.gather(tensor, indices));
    });
    this.owned.push(...states);
    return { images: rows.map((row) => state.images[row] as number), states };
  }

  dispose(): void {
    tf.dispose(this.owned.splice(0));
  }

  /** What belongs to images, one entry a row: the plain way, since speed is ONNX Runtime's part. */
  private imagesOfRows(images: Int32Array): Map<string, Tensor> {
    const indices = tf.tensor1d(images, 'int32');
    const given = new Map(this.given);
    for (const name of ['memory', 'keys', 'mean']) {
      const tensor = given.get(name);
      if (tensor !== undefined) given.set(name, tf.gather(tensor, indices));
    }
    return given;
  }
}
