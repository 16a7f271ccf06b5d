// What both programs of npm run bench:train compute on: weights, pictures and captions made by chance, in files that both read.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const dist = new URL('../../dist/', import.meta.url);
export const IMAGES = 32;
const CAPTIONS = 5;
const WORDS = 5324;

/** As long as captions of Flickr8k: 6 to 18 words, 11 on average. @param {{integer(below: number): number}} random */
const length = (random) => 6 + random.integer(6) + random.integer(6) + (random.integer(5) === 0 ? 2 : 0);

/**
 * @param {string} folder
 * @param {string} source of the encoder
 * @returns {Promise<string>} what was made, in a line
 */
export async function writeProblem(folder, source) {
  const { loadEncoder } = await import(new URL('encoder/load-encoder.js', dist).href);
  const { encoderConfigurationSchema } = await import(new URL('encoder/configuration.js', dist).href);
  const { decoderConfigurationSchema } = await import(new URL('decoder/configuration.js', dist).href);
  const { initialiseDecoder } = await import(new URL('decoder/initialise.js', dist).href);
  const { featureGrid } = await import(new URL('bundle/index.js', dist).href);
  const { layersFor } = await import(new URL('encoder/run.js', dist).href);
  const { Random } = await import(new URL('random.js', dist).href);
  const { writeWeightsFile } = await import(new URL('weights-file.js', dist).href);
  const random = new Random(1);
  const network = await loadEncoder(encoderConfigurationSchema.parse({ source }), 1, console.error);
  const { cells, channels } = featureGrid(network);
  const { weights, ...form } = network;
  // The classifier is not trained.
  const encoder = { ...form, layers: layersFor(network, [network.feature]) };
  const configuration = decoderConfigurationSchema.parse({});
  const sizes = { gridCells: cells, channels, vocabulary: WORDS };
  const captions = Array.from({ length: IMAGES }, () =>
    Array.from({ length: CAPTIONS }, () => {
      const words = Array.from({ length: length(random) }, () => 4 + random.integer(WORDS - 4));
      return [1, ...words, 2];
    }),
  );
  const { height, width } = encoder.input;
  const pixels = Float32Array.from({ length: IMAGES * height * width * 3 }, () => random.uniform() * 2 - 1);
  const grid = Float32Array.from({ length: IMAGES * cells * channels }, () => Math.max(0, random.normal()));
  await writeWeightsFile(join(folder, 'encoder.safetensors'), weights);
  await writeWeightsFile(
    join(folder, 'decoder.safetensors'),
    initialiseDecoder(configuration, sizes, random),
  );
  await writeWeightsFile(
    join(folder, 'inputs.safetensors'),
    new Map([
      ['pixels', { shape: [IMAGES, height, width, 3], values: pixels }],
      ['grid', { shape: [IMAGES, cells, channels], values: grid }],
    ]),
  );
  await writeFile(
    join(folder, 'problem.json'),
    JSON.stringify({ encoder, configuration, captions, words: WORDS }),
  );
  const { hidden, embedding, attentionUnits } = configuration;
  return (
    `${IMAGES} pictures with ${CAPTIONS} captions a step, ${WORDS} words; ${encoder.name} at ${width} × ${height}, ${cells} cells of ` +
    `${channels}; LSTM of ${hidden} units, embedding ${embedding}, ${attentionUnits} attention units; Adam, norm clipped at 5`
  );
}
