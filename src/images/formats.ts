import { LegendaError } from '../errors.js';

/** The formats that are read. `heif` is any HEIF that is not AVIF (an iPhone's HEIC): read only where sharp can. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'heif' | 'gif' | 'tiff';

/** What a user may give, as error messages say it. */
export const SUPPORTED_FORMATS = 'a JPEG, PNG, WebP, AVIF, GIF or TIFF image';

/** The extensions by which a file in a folder counts as an image; in lower case, with the dot. */
const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png webp avif heif heic gif tif tiff'.split(' ').map((extension) => `.${extension}`),
);

/** Whether the file's name ends as images' names do, in capitals or not. */
export function hasImageExtension(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && IMAGE_EXTENSIONS.has(name.slice(dot).toLowerCase());
}

/** The format by the file's first bytes (64 suffice), whatever its name says; undefined for none that is read. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = ascii(bytes, 0, 12);
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'webp';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  // TIFF in either byte order; `+` instead of `*` is BigTIFF.
  if (/^(?:II[*+]\0|MM\0[*+])/.test(head)) return 'tiff';
  if (head.slice(4, 8) === 'ftyp') return sniffHeif(bytes);
  return undefined;
}

/**
 * As {@link sniffFormat}.
 * @param name how the error calls the image. @throws `IMAGE_EMPTY`; `IMAGE_UNSUPPORTED` for anything else, SVG among it.
 */
export function requireFormat(bytes: Uint8Array, name: string): ImageFormat {
  if (bytes.length === 0)
    throw new LegendaError('IMAGE_EMPTY', { expected: SUPPORTED_FORMATS, received: name });
  const format = sniffFormat(bytes);
  if (format !== undefined) return format;
  if (isSvg(bytes)) {
    throw new LegendaError('IMAGE_UNSUPPORTED', {
      expected: SUPPORTED_FORMATS,
      received: `${name}, which is an SVG drawing`,
      advice: 'save it as PNG first',
    });
  }
  throw new LegendaError('IMAGE_UNSUPPORTED', {
    expected: SUPPORTED_FORMATS,
    received: `${name}, which begins with ${JSON.stringify(ascii(bytes, 0, 8))}`,
  });
}

/** HEIF is a container: its brands (ISO/IEC 23008-12) tell what is inside. Undefined for video, as MP4 begins alike. */
function sniffHeif(bytes: Uint8Array): 'avif' | 'heif' | undefined {
  const length = Math.min(bytes.length, 256, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  const brands = new Set<string>();
  for (let at = 8; at + 4 <= length; at += 4) if (at !== 12) brands.add(ascii(bytes, at, at + 4));
  if (brands.has('avif') || brands.has('avis')) return 'avif';
  const heif = ['mif1', 'msf1', 'heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'];
  return heif.some((brand) => brands.has(brand)) ? 'heif' : undefined;
}

/** SVG is text: `<svg` after nothing but a byte-order mark, white space, declarations and comments. */
function isSvg(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  return /^(?:\s|<\?[^>]*>|<!--[\s\S]*?-->|<![^>]*>)*<(?:\w+:)?svg[\s>]/.test(text);
}

/** The bytes as characters of the same number. */
function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
