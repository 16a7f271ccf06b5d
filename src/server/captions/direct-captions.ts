import type { Captioner, CaptionRow, ImageSource } from '../../captioner/index.js';
import { LegendaError } from '../../errors.js';
import type { AskedImage, CaptionQuestion, CaptionService, ServedModel } from './caption-service.js';

/** Captions with these models, a request at a time. */
export class DirectCaptions implements CaptionService {
  readonly models: readonly ServedModel[];

  constructor(private readonly captioners: readonly Captioner[]) {
    this.models = captioners.map(({ model, view }) => ({ name: model, view }));
  }

  async caption({ images, model, options }: CaptionQuestion, signal: AbortSignal): Promise<CaptionRow[]> {
    const captioner = this.captioners.find((one) => model === undefined || one.model === model);
    if (captioner === undefined) throw new LegendaError('MODEL_UNKNOWN', { received: model ?? 'none' });
    const rows = await captioner.caption(images.map(sourceOf), { ...options, signal });
    return rows.map((row, index) => ({ ...row, image: images[index]?.id ?? 'bytes' }));
  }

  async close(): Promise<void> {
    await Promise.all(this.captioners.map((captioner) => captioner.close()));
  }
}

function sourceOf(image: AskedImage): ImageSource {
  if ('bytes' in image) return image.bytes;
  if ('base64' in image) return Buffer.from(image.base64, 'base64');
  throw new LegendaError('REQUEST_INVALID', { received: 'a path or an address' });
}
