import { type Captioner, type CaptionRow, loadCaptioner } from '../../captioner/index.js';
import { LegendaError } from '../../errors.js';
import type { ImageSources } from '../../jobs/image-sources.js';
import { type BatchImage, SharedBatches } from '../../jobs/shared-batches.js';
import type { Metrics } from '../metrics.js';
import type { AskedImage, CaptionQuestion, CaptionService, ServedModel } from './caption-service.js';

/** Captions with these models; requests that come together share batches. */
export class SharedCaptions implements CaptionService {
  readonly models: readonly ServedModel[];
  private readonly batches: readonly SharedBatches[];

  private constructor(
    private readonly captioners: readonly Captioner[],
    private readonly sources: ImageSources,
    metrics: Metrics,
  ) {
    this.models = captioners.map(({ model, view }) => ({ name: model, view }));
    this.batches = captioners.map(
      (captioner) =>
        new SharedBatches(captioner, { onBatch: (images) => metrics.countBatch(captioner.model, images) }),
    );
    metrics.gauge('legenda_images_waiting', 'Images that wait for their captions', () =>
      this.batches.reduce((sum, { counts }) => sum + counts.waiting, 0),
    );
  }

  /**
   * Opens models, each in a folder.
   * @throws `USAGE` for two of the same name; what `loadCaptioner` throws.
   */
  static async open(
    folders: readonly string[],
    sources: ImageSources,
    metrics: Metrics,
  ): Promise<SharedCaptions> {
    const captioners = await Promise.all(folders.map((folder) => loadCaptioner(folder)));
    const names = captioners.map(({ model }) => model);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice === undefined) return new SharedCaptions(captioners, sources, metrics);
    throw new LegendaError('USAGE', {
      expected: 'models of different names',
      received: `two called ${twice}`,
    });
  }

  caption({ images, model, options }: CaptionQuestion, signal: AbortSignal): Promise<CaptionRow[]> {
    return this.batchesOf(model).caption(
      images.map((image) => this.imageOf(image)),
      { options, signal },
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.captioners.map((captioner) => captioner.close()));
  }

  private batchesOf(model: string | undefined): SharedBatches {
    const found = this.batches.find((batches) => model === undefined || batches.model === model);
    if (found !== undefined) return found;
    throw new LegendaError('MODEL_UNKNOWN', {
      expected: this.batches.map((batches) => batches.model).join(' or '),
      received: model ?? 'none',
    });
  }

  private imageOf(image: AskedImage): BatchImage {
    if (!('bytes' in image)) return this.sources.image(image);
    return { name: image.id ?? 'bytes', open: () => image.bytes };
  }
}
