import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import type { TagMap } from '../tags/tag-map.js';
import { tf } from '../tensorflow.js';
import type { Vocabulary } from '../text/index.js';

/** The words of an image's likeliest classes, likeliest first. */
export interface TagEvidence {
  /** Their numbers in the vocabulary, int32 `[B, N]`. */
  readonly tokens: Tensor2D;
  /** `[B, N]`. */
  readonly probabilities: Tensor2D;
}

/** A tag map as tensors. */
export interface TagTensors {
  /** One where the class has the word, `[classes, words]`. */
  readonly wordOfClass: Tensor2D;
  /** The words' numbers in the vocabulary, int32 `[words]`. */
  readonly tokens: Tensor;
}

export function tagTensors(map: TagMap, vocabulary: Vocabulary): TagTensors {
  const values = new Float32Array(map.ofClass.length * map.words.length);
  map.ofClass.forEach((word, index) => {
    if (word >= 0) values[index * map.words.length + word] = 1;
  });
  return {
    wordOfClass: tf.tensor2d(values, [map.ofClass.length, map.words.length]),
    tokens: tf.tensor1d(
      map.words.map((word) => vocabulary.numberOf(word)),
      'int32',
    ),
  };
}

/**
 * The N likeliest words: a word's probability is the sum of its classes'. No gradient goes back to the logits.
 * @param classLogits `[B, classes]`.
 */
export function likelyTags(classLogits: Tensor2D, tags: TagTensors, count: number): TagEvidence {
  const found = tf.customGrad((logits) => {
    const words = tf.matMul(tf.softmax(logits as Tensor2D), tags.wordOfClass);
    const { values, indices } = tf.topk(words, count);
    const tokens = tf.gather(tags.tokens, indices).toFloat();
    return { value: tf.concat([tokens, values], 1), gradFunc: () => tf.zeros(classLogits.shape) };
  })(classLogits) as Tensor2D;
  return {
    tokens: found.slice([0, 0], [-1, count]).toInt() as Tensor2D,
    probabilities: found.slice([0, count], [-1, count]) as Tensor2D,
  };
}

/** t_n = relu(embed(w_n) W_t + p_n u + b_t), the cells to attend to behind those of the grid: `[B, N, D]`. */
export function encodeTags(
  tensors: ReadonlyMap<string, Tensor>,
  { tokens, probabilities }: TagEvidence,
): Tensor3D {
  const [images, count] = tokens.shape;
  const tensorOf = (name: string) => tensors.get(name) as Tensor2D;
  const words = rowsOf(tensorOf('embedding'), tokens.reshape([images * count]));
  const fromWords = tf.matMul(words, tensorOf('tags.kernel'));
  const fromProbabilities = tf.mul(
    probabilities.reshape([images * count, 1]),
    tensorOf('tags.probability').reshape([1, -1]),
  );
  return tf
    .relu(tf.add(tf.add(fromWords, fromProbabilities), tensorOf('tags.bias')))
    .reshape([images, count, -1]) as Tensor3D;
}

/**
 * `[rows, E]`. TF.js asks for the gradient of indices that were computed from something trained, as those of tags are, and
 * then refuses it.
 */
function rowsOf(table: Tensor2D, rows: Tensor): Tensor2D {
  const gather = tf.customGrad((values, save) => {
    (save as unknown as (tensors: Tensor[]) => void)([rows]);
    return {
      value: tf.gather(values as Tensor, rows),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        tf.unsortedSegmentSum(dy, saved[0] as Tensor1D, table.shape[0]),
    };
  });
  return gather(table) as Tensor2D;
}
