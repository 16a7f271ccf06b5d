import { LegendaError } from '../errors.js';
import { type ImageFormat, requireFormat, SUPPORTED_FORMATS } from './formats.js';
import { loadSharp } from './load-sharp.js';
import { readImage } from './read-image.js';

/**
 * The kernel that every image is resampled with, for training and for captioning alike: a model sees pictures as it
 * learnt them. Lanczos keeps small things sharp, and after JPEG's shrink-on-load costs no more than the others.
 */
const KERNEL = 'lanczos3';

/** What lies behind transparent pixels: most such pictures were made for white pages. */
const BACKGROUND = '#ffffff';

/** A phone's largest photo (108 megapixels) passes; a file of a few kilobytes that unfolds to gigabytes does not. */
export const DEFAULT_PIXEL_LIMIT = 128_000_000;

export interface DecodedImage {
  /** RGB, 8 bits, sRGB: `[height, width, 3]`. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface DecodeOptions {
  readonly width: number;
  readonly height: number;
  /** `squash` keeps all of the picture and not its aspect; `centreCrop` keeps the aspect and cuts what stands over. */
  readonly fit: Fit;
  /** Width × height that a file may have. @defaultValue {@link DEFAULT_PIXEL_LIMIT} */
  readonly pixelLimit?: number;
}

export type Fit = 'squash' | 'centreCrop';

/**
 * An image file as pixels of the given size: turned as its EXIF orientation says, transparency on white, grey, CMYK
 * and 16-bit pictures as 8-bit sRGB, the first frame of an animation.
 *
 * Runs on libuv's threads: start several at once to use all cores.
 * @param source a path (also of an archive's member), or the file's bytes.
 * @throws `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_EMPTY`, `IMAGE_UNSUPPORTED`, `IMAGE_BROKEN`, `IMAGE_TOO_LARGE`.
 */
export async function decodeImage(
  source: string | Uint8Array,
  options: DecodeOptions,
): Promise<DecodedImage> {
  const { width, height, fit, pixelLimit = DEFAULT_PIXEL_LIMIT } = options;
  const name = typeof source === 'string' ? source : `${source.length} bytes`;
  const bytes = typeof source === 'string' ? await readImage(source) : source;
  const format = requireFormat(bytes, name);
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: pixelLimit, failOn: 'error' })
      .autoOrient()
      .resize(width, height, { fit: fit === 'squash' ? 'fill' : 'cover', kernel: KERNEL })
      .flatten({ background: BACKGROUND })
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return { pixels: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
  } catch (error) {
    throw await explain(error, bytes, format, name, pixelLimit);
  }
}

async function explain(
  error: unknown,
  bytes: Uint8Array,
  format: ImageFormat,
  name: string,
  pixelLimit: number,
): Promise<LegendaError> {
  const message = error instanceof Error ? error.message : String(error);
  if (/pixel limit|security limit/i.test(message)) {
    const sharp = await loadSharp();
    const size = await sharp(bytes, { limitInputPixels: false })
      .metadata()
      .catch(() => undefined);
    return new LegendaError('IMAGE_TOO_LARGE', {
      expected: `at most ${pixelLimit} pixels`,
      received: size === undefined ? name : `${name} of ${size.width}×${size.height}`,
      advice: 'make it smaller',
      cause: error,
    });
  }
  if (format === 'heif') {
    return new LegendaError('IMAGE_UNSUPPORTED', {
      expected: SUPPORTED_FORMATS,
      received: `${name}, a HEIC photo whose compression cannot be read here`,
      advice: 'save it as JPEG first',
      cause: error,
    });
  }
  return new LegendaError('IMAGE_BROKEN', { received: `${name} (${onceEach(message)})`, cause: error });
}

/** A decoder repeats a complaint for each block that it meets; lines that differ in numbers alone are the same complaint. */
function onceEach(message: string): string {
  const lines = new Map<string, string>();
  for (const line of message.trim().split(/\s*\n\s*/)) {
    const complaint = line.replace(/\d+/g, '0');
    if (!lines.has(complaint)) lines.set(complaint, line);
  }
  return [...lines.values()].join('; ');
}
