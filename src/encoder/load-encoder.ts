import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadBundle, readBundleWeights } from '../bundle/index.js';
import { MANIFEST } from '../bundle/manifest.js';
import { LegendaError } from '../errors.js';
import { Random } from '../random.js';
import type { EncoderConfiguration } from './configuration.js';
import { EFFICIENTNET_LITE_NAMES } from './efficientnet-lite.js';
import { ENCODER_FILE, readEncoderFolder } from './encoder-folder.js';
import { loadEfficientNetLite } from './load-efficientnet-lite.js';
import { loadGraphModelFile, loadStockMobileNet } from './load-graph-model.js';
import type { EncoderNetwork } from './network.js';
import { resized } from './resized.js';
import { smallCnn } from './small-cnn.js';

/** Of encoders that do not say for which size they are made, pixels. */
const SIZE = 224;

/**
 * The encoder that training starts from.
 * @param seed of fresh weights. @param onMessage is told when something is downloaded.
 * @throws `ENCODER_INVALID` if there is none by that name or path; the errors of `loadGraphModelFile`,
 *   `loadStockMobileNet`, `loadEfficientNetLite`, `readEncoderFolder`, `loadBundle`.
 */
export async function loadEncoder(
  configuration: EncoderConfiguration,
  seed: number,
  onMessage: (message: string) => void = () => {},
): Promise<EncoderNetwork> {
  const { source, alpha, size, mean, deviation, feature, classifier } = configuration;
  if (source === 'small-cnn') return smallCnn(size ?? SIZE, new Random(seed));
  if (source === 'mobilenet-v2') return loadStockMobileNet(alpha, size ?? SIZE);
  const complete = await loadComplete(source, onMessage);
  if (complete !== undefined) return size === undefined ? complete : resized(complete, size);
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

/** An encoder that brings its input's form, feature and classifier along; undefined if the source is a file. */
async function loadComplete(
  source: string,
  onMessage: (message: string) => void,
): Promise<EncoderNetwork | undefined> {
  const name = EFFICIENTNET_LITE_NAMES.find((known) => known === source);
  if (name !== undefined) return loadEfficientNetLite(name, onMessage);
  if (existsSync(join(source, ENCODER_FILE))) return readEncoderFolder(source);
  if (existsSync(join(source, MANIFEST))) return (await readBundleWeights(await loadBundle(source))).encoder;
  if (source.endsWith('.json')) return undefined;
  throw new LegendaError('ENCODER_INVALID', {
    expected:
      `mobilenet-v2, ${EFFICIENTNET_LITE_NAMES.join(', ')}, small-cnn, a folder with ${MANIFEST} (a bundle) or ` +
      `${ENCODER_FILE} (an encoder), or a TF.js GraphModel's model.json`,
    received: source,
  });
}
