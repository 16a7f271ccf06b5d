import type { Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-node';
import { featureShape } from '../bundle/index.js';
import type { DecoderConfiguration } from '../decoder/configuration.js';
import type { ImageFeatures } from '../decoder/network.js';
import { likelyTags, type TagTensors, tagTensors } from '../decoder/tags.js';
import type { EncoderNetwork, Layer } from '../encoder/network.js';
import { asGrid, classify, layersFor, runEncoder } from '../encoder/run.js';
import type { TagMap } from '../tags/tag-map.js';
import { tf } from '../tensorflow.js';
import type { Vocabulary } from '../text/index.js';
import type { Weights } from '../weights.js';

/** What a trained model is, outside any engine. */
export interface ModelWeights {
  readonly configuration: DecoderConfiguration;
  readonly vocabulary: Vocabulary;
  readonly encoder: EncoderNetwork;
  readonly decoder: Weights;
  /** With `tags` configured: the words of the encoder's classes. */
  readonly tags?: TagMap | undefined;
}

/** A model under training: its weights as variables, `encoder/…` and `decoder/…` by name. */
export class CaptionModel {
  readonly configuration: DecoderConfiguration;
  readonly vocabulary: Vocabulary;
  /** The encoder as it was at the start; `weights()` has what became of it. */
  readonly network: EncoderNetwork;
  readonly encoder: ReadonlyMap<string, Variable>;
  readonly decoder: ReadonlyMap<string, Variable>;
  readonly tags: TagMap | undefined;
  private readonly tagTensors: TagTensors | undefined;

  constructor(model: ModelWeights) {
    this.configuration = model.configuration;
    this.vocabulary = model.vocabulary;
    this.network = model.encoder;
    this.encoder = variables(model.encoder.weights);
    this.decoder = variables(model.decoder);
    this.tags = model.tags;
    this.tagTensors = model.tags === undefined ? undefined : tagTensors(model.tags, model.vocabulary);
  }

  /** The variables that end-to-end training moves: all but the classifier's, which captions say nothing about. */
  get all(): Map<string, Variable> {
    const used = weightsOf(layersFor(this.network, [this.network.feature]));
    const encoder = [...this.encoder].filter(([name]) => used.has(name));
    return new Map([
      ...encoder.map(([name, variable]) => [`encoder/${name}`, variable] as const),
      ...this.ofDecoder,
    ]);
  }

  get ofDecoder(): Map<string, Variable> {
    return new Map([...this.decoder].map(([name, variable]) => [`decoder/${name}`, variable] as const));
  }

  /** The feature grid `[images, cells, channels]` of normalised pixels. */
  features(pixels: Tensor4D): Tensor3D {
    return tf.tidy(() => {
      const [feature] = runEncoder(this.network, this.encoder, pixels);
      return asGrid(feature as Tensor4D) as Tensor3D;
    });
  }

  /** The grid with the tags that the classifier, as it is now, finds in it. @param grid as `features` gives it. */
  see(grid: Tensor3D): ImageFeatures {
    const { tags: count } = this.configuration;
    if (this.tagTensors === undefined || count === 0) return { grid };
    return { grid, tags: likelyTags(this.classLogits(grid), this.tagTensors, count) };
  }

  /** What the classifier, as it is now, makes of a grid: `[images, classes]`. */
  classLogits(grid: Tensor3D): Tensor2D {
    const feature = grid.reshape([grid.shape[0], ...featureShape(this.network)]);
    return classify(this.network, this.encoder, feature);
  }

  /** The weights as they are now. */
  weights(): ModelWeights {
    return {
      configuration: this.configuration,
      vocabulary: this.vocabulary,
      encoder: { ...this.network, weights: arrays(this.encoder) },
      decoder: arrays(this.decoder),
      ...(this.tags === undefined ? {} : { tags: this.tags }),
    };
  }

  /** Gives the variables the values of these weights. */
  assign({ encoder, decoder }: Pick<ModelWeights, 'encoder' | 'decoder'>): void {
    for (const [variables, weights] of [
      [this.encoder, encoder.weights],
      [this.decoder, decoder],
    ] as const) {
      for (const [name, { shape, values }] of weights) {
        const tensor = tf.tensor(values, [...shape]);
        variables.get(name)?.assign(tensor);
        tensor.dispose();
      }
    }
  }

  dispose(): void {
    for (const variable of [...this.encoder.values(), ...this.decoder.values()]) variable.dispose();
    if (this.tagTensors !== undefined) tf.dispose([this.tagTensors.wordOfClass, this.tagTensors.tokens]);
  }
}

function variables(weights: Weights): Map<string, Variable> {
  return new Map(
    [...weights].map(([name, { shape, values }]) => {
      const tensor = tf.tensor(values, [...shape]);
      const variable = tf.variable(tensor);
      tensor.dispose();
      return [name, variable];
    }),
  );
}

function arrays(tensors: ReadonlyMap<string, Variable>): Weights {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: tensor.dataSync<'float32'>().slice() },
    ]),
  );
}

function weightsOf(layers: readonly Layer[]): Set<string> {
  const names = new Set<string>();
  for (const layer of layers) {
    if ('kernel' in layer) names.add(layer.kernel);
    if ('bias' in layer && layer.bias !== undefined) names.add(layer.bias);
  }
  return names;
}
