import { createHash } from 'node:crypto';
import { asLegendaError, type ErrorCode } from '../errors.js';
import { decodeImage, loadSharp, readImage } from '../images/index.js';
import { HASH_SIDE, perceptualHash } from './perceptual-hash.js';

/** An image that can be decoded. */
export interface SoundImage {
  /** Path, as given. */
  readonly image: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Upright, pixels. */
  readonly width: number;
  readonly height: number;
  /** Its perceptual hash, see `perceptualHash`. */
  readonly looks: string;
}

/** An image that cannot. */
export interface UnsoundImage {
  readonly image: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What there is to know of an image; plain data, so that it can be gathered from several machines. */
export type ImageInspection = SoundImage | UnsoundImage;

export function isSound(inspection: ImageInspection): inspection is SoundImage {
  return 'looks' in inspection;
}

export interface InspectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told of each image that is done. */
  readonly onImage?: () => void;
}

/** Images read and decoded at once. */
const AT_ONCE = 16;

/** Decodes every image once. Any part of a data set's images can be inspected by itself: see {@link mergeInspections}. */
export async function inspectImages(
  images: readonly string[],
  { signal, onImage }: InspectOptions = {},
): Promise<ImageInspection[]> {
  const inspections: ImageInspection[] = [];
  for (let from = 0; from < images.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const some = images.slice(from, from + AT_ONCE).map(async (image) => {
      const inspection = await inspectImage(image);
      onImage?.();
      return inspection;
    });
    inspections.push(...(await Promise.all(some)));
  }
  return inspections;
}

/** Inspections of the parts of a data set as one, by the images' paths. */
export function mergeInspections(
  parts: Iterable<readonly ImageInspection[]>,
): ReadonlyMap<string, ImageInspection> {
  const merged = new Map<string, ImageInspection>();
  for (const part of parts) for (const inspection of part) merged.set(inspection.image, inspection);
  return merged;
}

async function inspectImage(image: string): Promise<ImageInspection> {
  try {
    const bytes = await readImage(image);
    const size = { width: HASH_SIDE, height: HASH_SIDE, fit: 'squash' } as const;
    const { pixels } = await decodeImage(bytes, size);
    const sharp = await loadSharp();
    const { autoOrient } = await sharp(bytes).metadata();
    return {
      image,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      width: autoOrient.width,
      height: autoOrient.height,
      looks: perceptualHash(pixels),
    };
  } catch (error) {
    const { code, message } = asLegendaError(error);
    return { image, code, message };
  }
}
