import type { Tensor, Tensor1D } from '@tensorflow/tfjs-node';
import { featureGrid } from '../bundle/index.js';
import type { Example } from '../datasets/index.js';
import { type CaptionBatch, layOutCaptions } from '../decoder/caption-batch.js';
import type { DecoderConfiguration } from '../decoder/configuration.js';
import { crossEntropy } from '../decoder/cross-entropy.js';
import { initialiseDecoder } from '../decoder/initialise.js';
import { captionLogits, type DecoderTensors, encodeImages, type ImageFeatures } from '../decoder/network.js';
import { asLegendaError, LegendaError } from '../errors.js';
import { Random } from '../random.js';
import { tf, tidy } from '../tensorflow.js';
import { CaptionModel } from '../training/caption-model.js';
import type { Checkpoint } from '../training/checkpoint.js';
import type { ClipOptions } from '../training/clip.js';
import { EncodedFeatures } from '../training/feature-source.js';
import { type PixelLoader, pixelLoader } from '../training/pixels.js';
import { toTrainingImage } from '../training/training-images.js';
import { CELLS } from './cell-names.js';
import { clippedNorms } from './clipping.js';
import { figure, type GradientReport, type MeasuredLine, type Picture } from './picture.js';
import { rowNorms } from './row-norms.js';

export interface TrainedDecoderOptions {
  /** Of the fresh decoders beside the trained one. */
  readonly seed: number;
  /** Images to take, at most, each with its first caption. */
  readonly images: number;
  /** Is told of images that are left out. */
  readonly onMessage: (message: string) => void;
}

/**
 * How gradients fare in a trained decoder on people's captions of images, and in fresh ones of its size with each cell.
 * @throws `NO_IMAGES` if none can be read.
 */
export async function diagnoseTrainedDecoder(
  { configuration, model: weights }: Checkpoint,
  examples: readonly Example[],
  { seed, images, onMessage }: TrainedDecoderOptions,
): Promise<GradientReport> {
  const model = new CaptionModel(weights);
  const loader = pixelLoader(model.network, configuration.encoder.fit);
  const captioned = await readable(examples, images, loader, onMessage);
  const paths = captioned.map(({ image }) => image);
  const grid = await new EncodedFeatures(model, paths, loader).read([...paths.keys()]);
  const seen = tidy(() => model.see(grid));
  const { maximumLength } = configuration.vocabulary;
  const batch = layOutCaptions(
    captioned.map((example) => {
      const { captions } = toTrainingImage(example, model.vocabulary, maximumLength);
      return captions.slice(0, 1);
    }),
  );
  const { cells, channels } = featureGrid(model.network);
  const sizes = { gridCells: cells, channels, vocabulary: model.vocabulary.size };
  const fresh = CELLS.map(({ cell, name }) => {
    const form = { ...model.configuration, cell };
    const initial = initialiseDecoder(form, sizes, new Random(seed));
    const tensors = tidy(() =>
      Object.fromEntries(
        [...initial].map(([key, { shape, values }]) => [key, tf.variable(tf.tensor(values, [...shape]))]),
      ),
    );
    return { name: `fresh ${name}`, form, tensors: new Map<string, Tensor>(Object.entries(tensors)) };
  });
  const own = CELLS.find(({ cell }) => cell === model.configuration.cell)?.name;
  const decoders = [
    { name: `trained ${own}`, form: model.configuration, tensors: model.decoder as DecoderTensors },
    ...fresh,
  ];
  const lines = (counted: Counted) =>
    decoders.map(({ name, form, tensors }) => ({
      name,
      ...measure(form, tensors, seen, batch, counted, configuration.clip),
    }));
  const [last, all] = [lines('last word'), lines('all words')];
  tf.dispose(
    [seen.grid, seen.tags?.tokens, seen.tags?.probabilities].filter((tensor) => tensor !== undefined),
  );
  for (const { tensors } of fresh) tf.dispose([...tensors.values()]);
  model.dispose();
  return report(weights.configuration, batch, last, all);
}

function report(
  { cell, hidden, tbptt }: DecoderConfiguration,
  batch: CaptionBatch,
  last: readonly MeasuredLine[],
  all: readonly MeasuredLine[],
): GradientReport {
  const plot = (title: string, lines: readonly MeasuredLine[], explanation: string): Picture => ({
    title,
    explanation,
    x: { label: "words back from the caption's end" },
    y: { label: '‖∂loss / ∂h‖', scale: 'log' },
    lines,
  });
  const back = last[0]?.values.length ?? 1;
  const kept = last.map(({ name, values }) => `${figure((values.at(-1) ?? 0) / (values[0] ?? 1))} (${name})`);
  const norms = all.map(
    ({ name, weightGradientNorm = 0, clippedNorm = 0 }) =>
      `${figure(weightGradientNorm)} (${name}${clippedNorm < weightGradientNorm ? `, clipped to ${figure(clippedNorm)}` : ''})`,
  );
  const cut = tbptt > 0 ? ` Where the decoder's tbptt of ${tbptt} cuts, nothing goes further back.` : '';
  return {
    title: 'Gradients on their way back through captions',
    subject:
      `A trained decoder (${cell}, ${hidden} units) on people's captions of ${batch.images} ${batch.images === 1 ? 'image' : 'images'}, and beside it fresh decoders of its size ` +
      'with each cell. The norm is the mean over the captions.',
    pictures: [
      plot(
        "How far back a caption's end reaches: the loss of its last word alone",
        last,
        `${back - 1} words back there is so much left of the gradient at the end: ${kept.join(', ')}. What is lost on the way is what the ` +
          `decoder cannot learn to keep in mind until the end.${cut}`,
      ),
      plot(
        'As it learns: the loss of all words',
        all,
        'Each word brings a gradient of its own, so that the sum hardly vanishes in captions, even where that of a single word does. ' +
          `Over all recurrent and output weights it has the norm ${norms.join(', ')}.`,
      ),
    ],
  };
}

/** Which words' loss is taken: per caption the sum, or of all words their mean. */
type Counted = 'last word' | 'all words';

/** Norms by words back from a caption's end, as far as at least half of the captions go. */
function measure(
  configuration: DecoderConfiguration,
  tensors: DecoderTensors,
  seen: ImageFeatures,
  batch: CaptionBatch,
  counted: Counted,
  clip: ClipOptions,
): Omit<MeasuredLine, 'name'> {
  const lengths = Array<number>(batch.images).fill(0);
  for (const caption of batch.captions) lengths[caption] = (lengths[caption] as number) + 1;
  const met = Array<number>(batch.images).fill(0);
  const shares = Float32Array.from(batch.captions, (caption) => {
    const length = lengths[caption] as number;
    met[caption] = (met[caption] as number) + 1;
    if (counted === 'all words') return 1 / length;
    return met[caption] === length ? 1 : 0;
  });
  const sums: number[] = [];
  const counts: number[] = [];
  const trained = [...tensors].filter(([name]) => /^(cell|attention|output|words|embedding)/.test(name));
  const { value, grads } = tf.variableGrads(
    () =>
      tidy(() => {
        const encoded = encodeImages(configuration, tensors, seen);
        const logits = captionLogits(configuration, tensors, encoded, batch, undefined, (t, gradient) => {
          rowNorms(gradient).forEach((norm, caption) => {
            const back = (lengths[caption] as number) - 1 - t;
            if (back < 0) return;
            sums[back] = (sums[back] ?? 0) + norm;
            counts[back] = (counts[back] ?? 0) + 1;
          });
        });
        return crossEntropy(logits, tf.tensor1d(batch.targets, 'int32'), 0, tf.tensor1d(shares) as Tensor1D);
      }),
    trained.map(([, tensor]) => tensor as never),
  );
  // The loss is the captions' sum, its mean what training takes.
  const gradients = new Map(
    Object.entries(grads).map(([name, gradient]) => [name, tf.div(gradient, batch.images)]),
  );
  const norms = clippedNorms(gradients, clip);
  tf.dispose([value, ...Object.values(grads), ...gradients.values()]);
  const reached = counts.filter((count) => count >= batch.images / 2).length;
  return {
    values: sums.slice(0, reached).map((sum, back) => sum / (counts[back] as number)),
    ...norms,
  };
}

/** The first images that can be read. @throws `NO_IMAGES`. */
async function readable(
  examples: readonly Example[],
  images: number,
  loader: PixelLoader,
  onMessage: (message: string) => void,
): Promise<Example[]> {
  const found: Example[] = [];
  for (const example of examples) {
    if (found.length === images) break;
    try {
      await loader.load(example.image);
      found.push(example);
    } catch (error) {
      onMessage(`left out ${example.image}: ${asLegendaError(error).code}`);
    }
  }
  if (found.length > 0) return found;
  throw new LegendaError('NO_IMAGES', {
    expected: 'images with captions to follow gradients through',
    received: `${examples.length}, none of which can be read`,
  });
}
