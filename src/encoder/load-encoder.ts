import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadBundle, readBundleWeights } from '../bundle/index.js';
import { MANIFEST } from '../bundle/manifest.js';
import { Random } from '../random.js';
import type { EncoderConfiguration } from './configuration.js';
import { EFFICIENTNET_LITE_NAMES } from './efficientnet-lite.js';
import { ENCODER_FILE, readEncoderFolder } from './encoder-folder.js';
import { loadEfficientNetLite } from './load-efficientnet-lite.js';
import { loadGraphModelFile, loadStockMobileNet } from './load-graph-model.js';
import type { EncoderNetwork } from './network.js';
import { smallCnn } from './small-cnn.js';

/** Of encoders that do not say for which size they are made, pixels. */
const SIZE = 224;

/**
 * The encoder that training starts from.
 * @param seed of fresh weights. @param onMessage is told when something is downloaded.
 * @throws the errors of `loadGraphModelFile`, `loadStockMobileNet`, `loadEfficientNetLite`, `readEncoderFolder`, `loadBundle`.
 */
export async function loadEncoder(
  configuration: EncoderConfiguration,
  seed: number,
  onMessage: (message: string) => void = () => {},
): Promise<EncoderNetwork> {
  const { source, alpha, size, mean, deviation, feature, classifier } = configuration;
  if (source === 'small-cnn') return smallCnn(size ?? SIZE, new Random(seed));
  if (source === 'mobilenet-v2') return loadStockMobileNet(alpha, size ?? SIZE);
  const whole = await loadWhole(source, onMessage);
  if (whole !== undefined) {
    return size === undefined ? whole : { ...whole, input: { ...whole.input, height: size, width: size } };
  }
  return loadGraphModelFile(source, {
    // Its files are called model.json and the like: the folder has the name.
    name: basename(dirname(resolve(source))),
    size: size ?? SIZE,
    mean,
    deviation,
    feature,
    ...(classifier === undefined ? {} : { classifier }),
  });
}

/** An encoder that knows its own input, feature and classifier; undefined if the source is no such one. */
async function loadWhole(
  source: string,
  onMessage: (message: string) => void,
): Promise<EncoderNetwork | undefined> {
  const name = EFFICIENTNET_LITE_NAMES.find((known) => known === source);
  if (name !== undefined) return loadEfficientNetLite(name, onMessage);
  if (existsSync(join(source, ENCODER_FILE))) return readEncoderFolder(source);
  if (existsSync(join(source, MANIFEST))) return (await readBundleWeights(await loadBundle(source))).encoder;
  return undefined;
}
