import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BundleContents, featureGrid, writeBundle } from '../../src/bundle/index.js';
import { decoderConfigurationSchema } from '../../src/decoder/configuration.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { SPECIAL_TOKENS, Vocabulary } from '../../src/text/index.js';
import { randomDecoder } from './tiny-bundle.js';

/** The pretrained MobileNetV2 beside the repository, which not every machine has. */
export const MOBILENET_V2 = fileURLToPath(
  new URL('../../../shared/models/mobilenet_v2_1.0_224/model.json', import.meta.url),
);
export const hasMobileNetV2 = existsSync(MOBILENET_V2);

const WORDS = 8000;

/** A bundle of the size of a real one, to be measured: the given encoder, a random decoder of the default form. */
export async function writeFullSizeBundle(
  directory: string,
  encoder: EncoderNetwork,
  precision: BundleContents['precision'] = 'fp16',
): Promise<BundleContents> {
  const configuration = decoderConfigurationSchema.parse({});
  const words = Array.from({ length: WORDS - SPECIAL_TOKENS.length }, (_, number) => `word${number}`);
  const vocabulary = new Vocabulary([...SPECIAL_TOKENS, ...words]);
  const { cells, channels } = featureGrid(encoder);
  const sizes = { gridCells: cells, channels, vocabulary: vocabulary.size };
  const contents: BundleContents = {
    name: 'full-size',
    licence: 'Apache-2.0',
    language: 'en',
    configuration,
    encoder,
    fit: 'squash',
    decoder: randomDecoder(configuration, sizes, new Random(1)),
    vocabulary,
    metrics: {},
    card: '# full-size\n\nRandom decoder, for measuring.\n',
    precision,
    search: { method: 'beam', beamWidth: 3, lengthPenalty: 0.7, maximumLength: 20 },
  };
  await writeBundle(directory, contents);
  return contents;
}
