// The same weights and search in TensorFlow.js: paths on standard input, a line for each on standard output.
import { createInterface } from 'node:readline';
import { loadBundle, readBundleWeights } from '../../dist/bundle/index.js';
import { TensorFlowStepper } from '../../dist/decoder/tensorflow-stepper.js';
import { normalisePixels } from '../../dist/encoder/run.js';
import { decodeImage } from '../../dist/images/index.js';
import { beamSearch } from '../../dist/search/index.js';
import { tf, tidy } from '../../dist/tensorflow.js';
import { CaptionModel } from '../../dist/training/caption-model.js';

const [folder = '', batchSize] = process.argv.slice(2);
const bundle = await loadBundle(folder);
const { encoder, decoder } = await readBundleWeights(bundle);
const { configuration, search } = bundle.manifest;
const { height, width } = configuration.encoder;
const model = new CaptionModel({
  configuration: configuration.decoder,
  vocabulary: bundle.vocabulary,
  encoder,
  decoder,
  tags: bundle.tags,
});

/** @param {string[]} paths */
async function caption(paths) {
  const images = await Promise.all(paths.map((path) => decodeImage(path, configuration.encoder)));
  const bytes = new Uint8Array(paths.length * height * width * 3);
  for (const [index, { pixels }] of images.entries()) bytes.set(pixels, index * height * width * 3);
  const seen = tidy(() => {
    const pixels = tf.tensor4d(bytes, [paths.length, height, width, 3], 'int32').toFloat();
    return model.see(model.features(normalisePixels(encoder, /** @type {any} */ (pixels))));
  });
  const stepper = new TensorFlowStepper(configuration.decoder, model.decoder);
  const { beamWidth, lengthPenalty, maximumLength } = search;
  const found = await beamSearch(stepper, seen, paths.length, { beamWidth, lengthPenalty, maximumLength });
  for (const [index, [best]] of found.entries()) {
    console.log(`${paths[index]}\t${bundle.vocabulary.decode(best?.tokens ?? []).join(' ')}`);
  }
  stepper.dispose();
  tf.dispose([seen.grid, ...Object.values(seen.tags ?? {})]);
}

const paths = [];
for await (const line of createInterface({ input: process.stdin })) paths.push(line);
for (let first = 0; first < paths.length; first += Number(batchSize)) {
  await caption(paths.slice(first, first + Number(batchSize)));
}
