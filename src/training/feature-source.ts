import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-node';
import { featureGrid } from '../bundle/index.js';
import { FeatureCache, featureKey } from '../encoder/feature-cache.js';
import { tf } from '../tensorflow.js';
import type { CaptionModel } from './caption-model.js';
import { picturesAtOnce } from './pictures-at-once.js';
import { type PixelLoader, toTensor } from './pixels.js';

/** Where features of images come from: computed now, or read back from disk. */
export interface FeatureSource {
  /** `[images, cells, channels]` of the pictures with these numbers. @param mirrored by picture. */
  read(images: readonly number[], mirrored?: readonly boolean[]): Promise<Tensor3D>;
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
}

/** An image and its mirror image. */
const VARIANTS = 2;
const BATCH = 32;

/** Features of an encoder that no longer moves, computed once and kept on disk, each picture as it is and mirrored. */
export class CachedFeatures implements FeatureSource {
  private constructor(
    private readonly cache: FeatureCache,
    private readonly cells: number,
    private readonly channels: number,
  ) {}

  /**
   * Opens the cache, computing what it lacks.
   * @param onProgress is told how many pictures are done, and of how many.
   */
  static async open(
    model: CaptionModel,
    paths: readonly string[],
    loader: PixelLoader,
    folder: string,
    onProgress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<CachedFeatures> {
    const { cells, channels } = featureGrid(model.network);
    // The encoder as it is now: an earlier stage may have moved it.
    const key = await featureKey(model.weights().encoder, paths, loader.fit);
    const cache = await FeatureCache.open(folder, key, cells * channels, VARIANTS);
    const load = (start: number) => {
      const pixels = Promise.all(paths.slice(start, start + BATCH).map((path) => loader.load(path)));
      // If it fails before it is awaited, that is told when it is awaited.
      pixels.catch(() => {});
      return pixels;
    };
    const first = cache.count / VARIANTS;
    let next = load(first);
    try {
      for (let start = first; start < paths.length; start += BATCH) {
        signal?.throwIfAborted();
        const pixels = await next;
        // The next pictures are decoded on other threads while the network runs on these.
        next = load(start + BATCH);
        await appendFeatures(cache, model, pixels);
        onProgress(Math.min(start + BATCH, paths.length), paths.length);
      }
    } catch (error) {
      await cache.close();
      throw error;
    }
    return new CachedFeatures(cache, cells, channels);
  }

  async read(images: readonly number[], mirrored: readonly boolean[] = []): Promise<Tensor3D> {
    const entries = images.map((image, index) => image * VARIANTS + (mirrored[index] === true ? 1 : 0));
    return tf.tensor3d(await this.cache.read(entries), [images.length, this.cells, this.channels]);
  }

  async close(): Promise<void> {
    await this.cache.close();
  }
}

async function appendFeatures(
  cache: FeatureCache,
  model: CaptionModel,
  pixels: readonly Uint8Array[],
): Promise<void> {
  const plain = featuresOf(model, pixels);
  const mirrored = featuresOf(model, pixels, (images) => tf.reverse(images, 2));
  const values = (await Promise.all([plain.data(), mirrored.data()])) as [Float32Array, Float32Array];
  tf.dispose([plain, mirrored]);
  const entries = pixels.flatMap((_, image) =>
    values.map((variant) => variant.subarray(image * cache.size, (image + 1) * cache.size)),
  );
  await cache.append(entries);
}

/** Features of pictures, few at a time: all layers' outputs are in memory at once. @param change of the network's input. */
function featuresOf(
  model: CaptionModel,
  pictures: readonly Uint8Array[],
  change = (images: Tensor4D): Tensor4D => images,
): Tensor3D {
  return tf.tidy(() => {
    const parts = picturesAtOnce(pictures.length, model.network.input).map(({ start, end }) =>
      tf.tidy(() => model.features(change(toTensor(model.network, pictures.slice(start, end))))),
    );
    return tf.concat(parts, 0);
  });
}
