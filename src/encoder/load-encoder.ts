import { basename, dirname, resolve } from 'node:path';
import { Random } from '../random.js';
import type { EncoderConfiguration } from './configuration.js';
import { loadGraphModelFile, loadStockMobileNet } from './load-graph-model.js';
import type { EncoderNetwork } from './network.js';
import { smallCnn } from './small-cnn.js';

/**
 * The encoder that training starts from.
 * @param seed of fresh weights. @throws the errors of `loadGraphModelFile` and `loadStockMobileNet`.
 */
export async function loadEncoder(
  configuration: EncoderConfiguration,
  seed: number,
): Promise<EncoderNetwork> {
  const { source, alpha, size, mean, deviation, feature, classifier } = configuration;
  if (source === 'small-cnn') return smallCnn(size, new Random(seed));
  if (source === 'mobilenet-v2') return loadStockMobileNet(alpha, size);
  return loadGraphModelFile(source, {
    // Its files are called model.json and the like: the folder has the name.
    name: basename(dirname(resolve(source))),
    size,
    mean,
    deviation,
    feature,
    ...(classifier === undefined ? {} : { classifier }),
  });
}
