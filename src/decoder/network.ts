import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import type { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import type { CaptionBatch } from './caption-batch.js';
import { type DecoderConfiguration, stateNames } from './configuration.js';
import { crossEntropy } from './cross-entropy.js';
import { dropout } from './dropout.js';
import { projectWords, runRecurrence } from './recurrence.js';
import type { GradientObserver } from './recurrence-backward.js';
import { runCells } from './step.js';
import { encodeTags, type TagEvidence } from './tags.js';

/** The decoder's weights as tensors, by the names of weight-shapes.ts. */
export type DecoderTensors = ReadonlyMap<string, Tensor>;

/** What the encoder saw in images. */
export interface ImageFeatures {
  /** `[B, L, C]`. */
  readonly grid: Tensor3D;
  /** With `tags` configured. */
  readonly tags?: TagEvidence | undefined;
}

/** What a decoder makes of images before the first word. */
export interface EncodedImages {
  /** Projected grid p and behind it the tag cells, `[B, L + N, D]`. */
  readonly memory: Tensor3D;
  /** memory · W_k, `[B, L + N, A]`, with attention only. */
  readonly keys?: Tensor3D;
  /** mean_l(p), `[B, D]`. */
  readonly mean: Tensor2D;
  /** s_0, as `stateNames` gives them, `[B, D]`. */
  readonly states: readonly Tensor2D[];
}

/**
 * p_l = dropout(relu(W_p f_l + b_p)); the first state from mean_l(p).
 * @param random for dropout; none when not training.
 */
export function encodeImages(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  { grid, tags }: ImageFeatures,
  random?: Random,
): EncodedImages {
  const [images, cells, channels] = grid.shape;
  const flat = grid.reshape([images * cells, channels]) as Tensor2D;
  const projected = tf
    .relu(affine(flat, tensors, 'projection'))
    .reshape([images, cells, configuration.hidden]) as Tensor3D;
  const memory = dropout(projected, configuration.dropout.memory, random);
  return encodeMemory(configuration, tensors, memory, tags, random);
}

/**
 * What a decoder knows before the first word of captions that have no picture: nothing, p = 0, but the tags.
 * @param images pictures B whose captions these are.
 */
export function encodeText(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  images: number,
  tags?: TagEvidence,
  random?: Random,
): EncodedImages {
  return encodeMemory(configuration, tensors, tf.zeros([images, 1, configuration.hidden]), tags, random);
}

/** @param grid p after dropout, `[B, L, D]`. */
function encodeMemory(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  grid: Tensor3D,
  tags: TagEvidence | undefined,
  random: Random | undefined,
): EncodedImages {
  const { hidden, attention, inject } = configuration;
  const [images] = grid.shape;
  const mean = tf.mean(grid, 1) as Tensor2D;
  const states =
    inject === 'state'
      ? sideBySide(tf.tanh(affine(mean, tensors, 'initialState')), stateNames(configuration).length)
      : stateNames(configuration).map(() => tf.zeros([images, hidden]) as Tensor2D);
  const memory =
    tags === undefined
      ? grid
      : tf.concat([grid, dropout(encodeTags(tensors, tags), configuration.dropout.memory, random)], 1);
  const encoded = {
    memory,
    mean,
    states: inject === 'firstToken' ? readImage(configuration, tensors, mean, states) : states,
  };
  if (attention === 'none') return encoded;
  const cells = memory.shape[1];
  const rows = memory.reshape([images * cells, hidden]) as Tensor2D;
  const keys = tf
    .matMul(rows, tensorOf(tensors, 'attention.keyKernel'))
    .reshape([images, cells, -1]) as Tensor3D;
  return { ...encoded, keys };
}

/** `[B, S D]` as S tensors `[B, D]`. TF.js cannot take the gradient of a split into one. */
function sideBySide(joined: Tensor2D, count: number): Tensor2D[] {
  return count === 1 ? [joined] : (tf.split(joined, count, 1) as Tensor2D[]);
}

/** With inject firstToken the image is read before the first word: one step with x_0 = mean(p) W + b, nothing beside it. */
function readImage(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  mean: Tensor2D,
  states: readonly Tensor2D[],
): Tensor2D[] {
  const fromInput = projectWords(configuration, tensors, affine(mean, tensors, 'firstToken'));
  return [...runCells(configuration, tensors, fromInput, states).states];
}

/** The mean cross-entropy of the captions of a batch given their images, nats a word. */
export function captionLoss(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  encoded: EncodedImages,
  batch: CaptionBatch,
  smoothing: number,
  random?: Random,
): Scalar {
  const logits = captionLogits(configuration, tensors, encoded, batch, random);
  return crossEntropy(logits, tf.tensor1d(batch.targets, 'int32') as Tensor1D, smoothing);
}

/** The logits of every word to predict in the captions of a batch, `[P, V]`. @param observe see `runRecurrence`. */
export function captionLogits(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  encoded: EncodedImages,
  batch: CaptionBatch,
  random?: Random,
  observe?: GradientObserver,
): Tensor2D {
  const embedded = tf.gather(tensorOf(tensors, 'embedding'), tf.tensor1d(batch.inputs, 'int32')) as Tensor2D;
  const words = dropout(embedded, configuration.dropout.embedding, random);
  const outputs = runRecurrence(
    configuration,
    recurrenceTensors(configuration, tensors, encoded, words),
    batch.images,
    batch.captionsAtStep,
    observe,
  );
  const predicting = tf.gather(outputs, tf.tensor1d(batch.rows, 'int32')) as Tensor2D;
  return wordLogits(configuration, tensors, predicting, random);
}

/** What `runRecurrence` and `runStep` read, by name. */
export function recurrenceTensors(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  encoded: EncodedImages,
  words: Tensor2D,
): Map<string, Tensor> {
  const given = new Map<string, Tensor>([['words', words]]);
  stateNames(configuration).forEach((name, index) => {
    given.set(name, encoded.states[index] as Tensor2D);
  });
  for (const [name, tensor] of tensors) {
    if (name.startsWith('cell') || name === 'attention.queryKernel' || name === 'attention.score')
      given.set(name, tensor);
  }
  if (encoded.keys !== undefined) {
    given.set('memory', encoded.memory);
    given.set('keys', encoded.keys);
  } else if (configuration.inject === 'everyStep') {
    given.set('mean', encoded.mean);
  }
  return given;
}

/** logit = embed · tanh(W_o [h, context] + b_o) + b, `[rows, V]`. @param outputs `[rows, D]` or `[rows, 2 D]`. */
export function wordLogits(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  outputs: Tensor2D,
  random?: Random,
): Tensor2D {
  const deep = tf.tanh(
    affine(dropout(outputs, configuration.dropout.output, random), tensors, 'output'),
  ) as Tensor2D;
  return tf.fused.matMul({
    a: deep,
    b: tensorOf(tensors, configuration.tieEmbedding ? 'embedding' : 'words.kernel'),
    transposeA: false,
    transposeB: configuration.tieEmbedding,
    bias: tensorOf(tensors, 'words.bias'),
    activation: 'linear',
  }) as Tensor2D;
}

/** x W + b with the weights of that name. */
function affine(input: Tensor2D, tensors: DecoderTensors, name: string): Tensor2D {
  return tf.add(tf.matMul(input, tensorOf(tensors, `${name}.kernel`)), tensorOf(tensors, `${name}.bias`));
}

function tensorOf(tensors: DecoderTensors, name: string): Tensor2D {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`no weight ${name}`);
  return tensor as Tensor2D;
}
