import type { Tensor3D } from '@tensorflow/tfjs-node';
import { featureGrid } from '../bundle/index.js';
import { FeatureCache, featureKey } from '../encoder/feature-cache.js';
import type { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import type { Look, Looks } from './looks.js';
import { picturesAtOnce } from './pictures-at-once.js';
import { type PixelLoader, toTensor } from './pixels.js';

/** Where features of images come from: computed now, or read back from disk. */
export interface FeatureSource {
  /** `[images, cells, channels]` of the pictures with these numbers, as they are. */
  read(images: readonly number[]): Promise<Tensor3D>;
  /** Of pictures to learn from, each in a look that is drawn. */
  draw(images: readonly number[], random: Random): Promise<Tensor3D>;
}

/** Features computed from pixels by the model as it is now. */
export class EncodedFeatures implements FeatureSource {
  constructor(
    private readonly model: CaptionModel,
    private readonly paths: readonly string[],
    private readonly loader: PixelLoader,
  ) {}

  async read(images: readonly number[]): Promise<Tensor3D> {
    const pixels = await Promise.all(images.map((image) => this.loader.load(this.paths[image] as string)));
    return featuresOf(this.model, pixels);
  }

  /** As they are: nothing is drawn. */
  draw(images: readonly number[]): Promise<Tensor3D> {
    return this.read(images);
  }
}

const BATCH = 32;

/** Features of an encoder that no longer moves, computed once for each look at a picture and kept on disk. */
export class CachedFeatures implements FeatureSource {
  private constructor(
    private readonly cache: FeatureCache,
    private readonly looks: Looks,
    private readonly cells: number,
    private readonly channels: number,
  ) {}

  /**
   * Opens the cache, computing what it lacks.
   * @param onProgress is told how many looks are done, and of how many.
   */
  static async open(
    model: CaptionModel,
    paths: readonly string[],
    looks: Looks,
    folder: string,
    onProgress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<CachedFeatures> {
    const { cells, channels } = featureGrid(model.network);
    // The encoder as it is now: an earlier stage may have moved it.
    const key = await featureKey(model.weights().encoder, paths, looks.kind);
    const cache = await FeatureCache.open(folder, key, cells * channels);
    const { total } = looks;
    const load = (start: number) => {
      const count = Math.max(0, Math.min(BATCH, total - start));
      const places = Array.from({ length: count }, (_, index) => start + index);
      const pixels = Promise.all(places.map((place) => looks.pixels(looks.at(place))));
      // If it fails before it is awaited, that is told when it is awaited.
      pixels.catch(() => {});
      return pixels;
    };
    const first = cache.count;
    let next = load(first);
    try {
      for (let start = first; start < total; start += BATCH) {
        signal?.throwIfAborted();
        const pixels = await next;
        // The next pictures are decoded on other threads while the network runs on these.
        next = load(start + BATCH);
        await appendFeatures(cache, model, pixels);
        onProgress(Math.min(start + BATCH, total), total);
      }
    } catch (error) {
      await cache.close();
      throw error;
    }
    return new CachedFeatures(cache, looks, cells, channels);
  }

  read(images: readonly number[]): Promise<Tensor3D> {
    return this.readLooks(images.map((image) => ({ image, look: 0 })));
  }

  draw(images: readonly number[], random: Random): Promise<Tensor3D> {
    return this.readLooks(images.map((image) => this.looks.draw(image, random)));
  }

  async close(): Promise<void> {
    await this.cache.close();
  }

  private async readLooks(looks: readonly Look[]): Promise<Tensor3D> {
    const values = await this.cache.read(looks.map((look) => this.looks.placeOf(look)));
    return tf.tensor3d(values, [looks.length, this.cells, this.channels]);
  }
}

async function appendFeatures(
  cache: FeatureCache,
  model: CaptionModel,
  pixels: readonly Uint8Array[],
): Promise<void> {
  const features = featuresOf(model, pixels);
  const values = (await features.data()) as Float32Array;
  features.dispose();
  await cache.append(pixels.map((_, index) => values.subarray(index * cache.size, (index + 1) * cache.size)));
}

/** Features of pictures, few at a time: all layers' outputs are in memory at once. */
function featuresOf(model: CaptionModel, pictures: readonly Uint8Array[]): Tensor3D {
  return tf.tidy(() => {
    const parts = picturesAtOnce(pictures.length, model.network.input).map(({ start, end }) =>
      tf.tidy(() => model.features(toTensor(model.network, pictures.slice(start, end)))),
    );
    return tf.concat(parts, 0);
  });
}
