import { stateNames } from '../decoder/configuration.js';
import { type EncoderNetwork, PIXELS } from '../encoder/network.js';
import { InferenceSession, Tensor } from '../onnx-runtime.js';
import { END, START } from '../text/index.js';
import type { Weights } from '../weights.js';
import { type Activation, ActivationStatistics } from './activation-statistics.js';
import type { Calibration } from './arithmetic.js';
import { writeDecoderGraph } from './decoder-graph.js';
import { inputName } from './decoder-parts.js';
import { writeEncoderGraph } from './encoder-graph.js';
import { activationName } from './encoder-layers.js';
import { featureGrid } from './layer-shapes.js';
import { tagTokens } from './tag-cells.js';
import type { BundleContents } from './write-bundle.js';

/** A picture's activations take 30 MB in MobileNetV2. */
const AT_ONCE = 4;

/** Words of the captions that the decoder writes while it is watched: all but the longest end before. */
const WORDS = 16;

type CalibratedContents = Pick<
  BundleContents,
  'encoder' | 'configuration' | 'decoder' | 'vocabulary' | 'tags'
>;
type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Runs the model in fp32 on pictures, writes their likeliest words, and takes down the range and the means of every
 * activation that int8 rounds.
 * @param pictures `[height, width, 3]` each, such as the model learnt from; some two hundred suffice.
 */
export async function calibrate(
  contents: CalibratedContents,
  pictures: AsyncIterable<Uint8Array>,
): Promise<Calibration> {
  const { encoder, configuration, decoder, vocabulary, tags } = contents;
  const { cells, channels } = featureGrid(encoder);
  const sizes = { gridCells: cells, channels, vocabulary: vocabulary.size };
  const arithmetic = { precision: 'fp32' } as const;
  const tagsOfClasses = tags && tagTokens(tags, vocabulary);
  const encoderSession = await open(
    writeEncoderGraph(encoder, configuration, decoder, arithmetic, tagsOfClasses, true),
  );
  const decoderSession = await open(writeDecoderGraph(configuration, sizes, decoder, arithmetic, true));
  const statistics = new Map<string, ActivationStatistics>();
  try {
    for await (const batch of inBatches(pictures)) {
      const encoded = await encoderSession.run({ pixels: stack(batch, encoder) });
      record(statistics, encoded);
      await writeCaptions(decoderSession, stateNames(configuration), encoded, batch.length, statistics);
    }
  } finally {
    await encoderSession.release();
    await decoderSession.release();
  }
  const calibration = summarise(statistics, encoder);
  addWords(calibration, decoder);
  return calibration;
}

/** The first cell may read any word, not only those that were written here. */
function addWords(calibration: Map<string, Activation>, decoder: Weights): void {
  const name = inputName('cell0.kernel');
  const read = calibration.get(name);
  const words = decoder.get('embedding');
  if (read === undefined || words === undefined) return;
  let { minimum, maximum } = read.range;
  for (const value of words.values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  calibration.set(name, { ...read, range: { minimum, maximum } });
}

function open(graph: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(graph, { graphOptimizationLevel: 'all' });
}

async function* inBatches(pictures: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  for await (const picture of pictures) {
    batch.push(picture);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function stack(pictures: readonly Uint8Array[], { input }: EncoderNetwork): Tensor {
  const { height, width } = input;
  return new Tensor('uint8', new Uint8Array(Buffer.concat(pictures)), [pictures.length, height, width, 3]);
}

/** Feeds each image's likeliest word back until its caption ends. */
async function writeCaptions(
  session: InferenceSession,
  names: readonly string[],
  encoded: Tensors,
  images: number,
  statistics: Map<string, ActivationStatistics>,
): Promise<void> {
  const images3D = (tensor: Tensor) => tensor.reshape([images, 1, tensor.size / images]);
  let states = names.map((name) => images3D(encoded[name] as Tensor));
  let tokens = new Int32Array(images).fill(START);
  const context = Object.fromEntries(
    ['memory', 'keys']
      .filter((name) => session.inputNames.includes(name))
      .map((name) => [name, encoded[name]]),
  ) as Tensors;
  for (let word = 0; word < WORDS && !tokens.every((token) => token === END); word++) {
    const writing = [...tokens.keys()].filter((image) => tokens[image] !== END);
    const outputs: Tensors = await session.run({
      ...context,
      tokens: new Tensor('int32', tokens, [images, 1]),
      ...Object.fromEntries(names.map((name, index) => [name, states[index]])),
    });
    record(statistics, outputs, writing);
    states = names.map((name) => outputs[`next_${name}`] as Tensor);
    const logProbabilities = outputs.logProbabilities?.data as Float32Array;
    const words = logProbabilities.length / images;
    tokens = tokens.map((token, image) =>
      token === END ? END : likeliest(logProbabilities.subarray(image * words, (image + 1) * words)),
    );
  }
}

function likeliest(logProbabilities: Float32Array): number {
  return logProbabilities.indexOf(Math.max(...logProbabilities));
}

/** @param rows those that count. @defaultValue all */
function record(
  statistics: Map<string, ActivationStatistics>,
  outputs: Tensors,
  rows?: readonly number[],
): void {
  for (const [name, { data, dims }] of Object.entries(outputs)) {
    if (!name.includes('/')) continue;
    const values = data as Float32Array;
    const collected = statistics.get(name) ?? new ActivationStatistics();
    statistics.set(name, collected);
    const width = values.length / (dims[0] ?? 1);
    if (rows === undefined) collected.add(values, dims);
    for (const row of rows ?? []) {
      collected.add(values.subarray(row * width, (row + 1) * width), [1, ...dims.slice(1)]);
    }
  }
}

function summarise(
  statistics: ReadonlyMap<string, ActivationStatistics>,
  encoder: EncoderNetwork,
): Map<string, Activation> {
  const calibration = new Map<string, Activation>();
  for (const [name, collected] of statistics) calibration.set(name, collected.summary());
  // A pixel is a byte as it is; that the mean is then a whole number shifts a picture by half a grey level at most.
  const { mean, deviation } = encoder.input;
  const zeroPoint = Math.min(Math.max(Math.round(mean), 0), 255);
  const pixels = calibration.get(activationName(PIXELS));
  if (pixels !== undefined) {
    const range = { minimum: -zeroPoint / deviation, maximum: (255 - zeroPoint) / deviation };
    calibration.set(activationName(PIXELS), { ...pixels, range });
  }
  for (const layer of encoder.layers) {
    const given = 'input' in layer ? calibration.get(activationName(layer.input)) : undefined;
    const own = calibration.get(activationName(layer.name));
    if (given === undefined || own === undefined) continue;
    // What only picks values needs no rounding of its own.
    if (layer.kind === 'maxPooling' || layer.kind === 'flatten') {
      calibration.set(activationName(layer.name), { ...own, range: given.range });
    }
  }
  return calibration;
}
