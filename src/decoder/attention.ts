import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node';
import { runNativeKernel } from '../native-kernels.js';
import { tf } from '../tensorflow.js';

/** What a caption can look at: images' grids, and their keys `memory · W_k`, computed once for all words. */
export interface AttendedGrid {
  readonly memory: Tensor3D; // [B, L, D]
  readonly keys: Tensor3D; // [B, L, A]
}

export interface AttentionStep {
  /** Σ_l a_l p_l, `[B K, D]`. */
  readonly context: Tensor2D;
  /** a, `[B, K, L]`; each row sums to one. */
  readonly weights: Tensor3D;
  /** tanh(k_l + q), `[B K L, A]`, for the gradient. */
  readonly energies: Tensor2D;
}

/**
 * Additive attention (Bahdanau et al. 2015, equation 6 and appendix A.1.2):
 *
 *     a = softmax_l(v · tanh(W_k p_l + W_q h))          context = Σ_l a_l p_l
 *
 * @param query h W_q, `[B K, A]`: K captions of each of B images, neighbours. @param score v, `[A]`.
 */
export function attend(query: Tensor2D, grid: AttendedGrid, score: Tensor): AttentionStep {
  const [images, cells, units] = grid.keys.shape;
  const captions = (query.shape[0] ?? 0) / images;
  const shifted = tf.add(
    grid.keys.reshape([images, 1, cells, units]),
    query.reshape([images, captions, 1, units]),
  );
  const energies = tf.tanh(shifted.reshape([images * captions * cells, units]) as Tensor2D);
  const scores = tf.matMul(energies, score.reshape([units, 1]) as Tensor2D);
  const weights = tf.softmax(scores.reshape([images, captions, cells])) as Tensor3D;
  const context = tf.matMul(weights, grid.memory).reshape([images * captions, -1]) as Tensor2D;
  return { context, weights, energies };
}

export interface AttentionGradients {
  readonly query: Tensor2D; // [B K, A]
  readonly score: Tensor; // [A, 1]
  /** Of this step's energies before tanh, `[B, K, L, A]`; summed over K and steps they are the keys' gradient. */
  readonly shifted: Tensor;
}

/**
 * The gradient of one step of attention. The memory's gradient Σ_t a_tᵀ ∂context_t is left to the caller, who has all
 * steps and does it in one product.
 */
export function attendBackward(
  contextGradient: Tensor2D,
  { weights, energies }: Pick<AttentionStep, 'weights' | 'energies'>,
  memory: Tensor3D,
  score: Tensor,
): AttentionGradients {
  const [images, captions, cells] = weights.shape;
  const units = energies.shape[1];
  const dContext = contextGradient.reshape([images, captions, -1]) as Tensor3D;
  const dWeights = tf.matMul(dContext, memory, false, true);
  // ∂softmax: a ⊙ (∂a − Σ a ⊙ ∂a)
  const weighted = tf.mul(weights, dWeights);
  const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)));
  const column = dScores.reshape([images * captions * cells, 1]) as Tensor2D;
  const dEnergies = tf.matMul(column, score.reshape([1, units]) as Tensor2D);
  const shifted = runNativeKernel('TanhGrad', [energies, dEnergies]).reshape([
    images,
    captions,
    cells,
    units,
  ]);
  return {
    query: tf.sum(shifted, 2).reshape([images * captions, units]) as Tensor2D,
    score: tf.matMul(energies, column, true, false),
    shifted,
  };
}
