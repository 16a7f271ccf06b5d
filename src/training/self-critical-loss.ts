import type { Scalar, Tensor1D } from '@tensorflow/tfjs-node';
import { layOutCaptions } from '../decoder/caption-batch.js';
import type { DecoderConfiguration } from '../decoder/configuration.js';
import { crossEntropy } from '../decoder/cross-entropy.js';
import { captionLogits, type DecoderTensors, type EncodedImages } from '../decoder/network.js';
import { tf } from '../tensorflow.js';

/**
 * Minus the mean reward of sampled captions, with an unbiased estimate of its gradient (REINFORCE; Rennie et al. 2017),
 * each sample judged by the others of its image (Luo 2020):
 *
 *     ∇ ≈ −mean_k (r_k − mean_{j≠k} r_j) ∇ log p(sample_k)
 *
 * All log-probabilities come from one teacher-forced pass over the samples.
 *
 * @param policy the tensors that the samples were drawn with. @param temperature τ, as they were drawn: p is
 *   softmax(logits / τ). @param encoded without dropout, as they were drawn.
 * @param samples of each image, at least two, as `sampleCaptions` gives them. @param rewards of each.
 */
export function selfCriticalLoss(
  configuration: DecoderConfiguration,
  policy: DecoderTensors,
  temperature: number,
  encoded: EncodedImages,
  samples: readonly (readonly (readonly number[])[])[],
  rewards: readonly (readonly number[])[],
): Scalar {
  const batch = layOutCaptions(samples);
  const ofCaptions = rewards.flatMap(advantages);
  const weights = Array.from(batch.captions, (caption) => (ofCaptions[caption] ?? 0) / ofCaptions.length);
  const surrogate = crossEntropy(
    tf.div(captionLogits(configuration, policy, encoded, batch), temperature),
    tf.tensor1d(batch.targets, 'int32') as Tensor1D,
    0,
    tf.tensor1d(weights),
  );
  // The surrogate's value means nothing by itself; what it stands for is what a log should show.
  const reward = mean(rewards.flat());
  return tf.add<Scalar>(surrogate, -reward - (surrogate.dataSync()[0] as number));
}

/** r_k − mean_{j≠k} r_j. */
function advantages(rewards: readonly number[]): number[] {
  const average = mean(rewards);
  return rewards.map((reward) => ((reward - average) * rewards.length) / (rewards.length - 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
