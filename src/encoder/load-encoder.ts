import { Random } from '../random.js';
import type { EncoderConfiguration } from './configuration.js';
import { loadGraphModelFile, loadStockMobileNet } from './load-graph-model.js';
import type { EncoderNetwork } from './network.js';
import { smallCnn } from './small-cnn.js';

/**
 * The encoder that training starts from.
 * @param seed of fresh weights. @throws the errors of `loadGraphModelFile`.
 */
export async function loadEncoder(
  configuration: EncoderConfiguration,
  seed: number,
): Promise<EncoderNetwork> {
  const { source, alpha, size, mean, deviation, feature, classifier } = configuration;
  if (source === 'small-cnn') return smallCnn(size, new Random(seed));
  if (source === 'mobilenet-v2') return loadStockMobileNet(alpha);
  return loadGraphModelFile(source, {
    name: 'mobilenet-v2',
    size,
    mean,
    deviation,
    feature,
    ...(classifier === undefined ? {} : { classifier }),
  });
}
