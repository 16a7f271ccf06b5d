import type { Random } from '../random.js';
import type { DecodedImage } from './decode.js';

/** How much of the picture a random crop keeps at least: less, and things that the caption names are cut off. */
const MINIMUM_AREA = 0.7;
/** A crop's width : height lies between 3 : 4 and 4 : 3 of the picture's own. */
const MAXIMUM_STRETCH = 4 / 3;
/** Brightness, contrast and saturation are multiplied by 0.8 … 1.2; the hue stays, as captions name colours. */
const JITTER = 0.2;

export interface AugmentOptions {
  /** Of the result, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether half of the results are mirrored: not where captions speak of left and right, or of writing. */
  readonly flip: boolean;
}

/**
 * A random variant of a picture for training: a crop of 70 to 100 % of its area resized to the target, perhaps mirrored,
 * with other brightness, contrast and saturation (the recipe of Szegedy et al. 2015, arXiv:1409.4842, kept gentle).
 *
 * Bilinear: a picture much larger than the target should be made smaller before. The same generator state gives the same
 * variant; every call draws as many numbers.
 * @returns RGB, `[height, width, 3]`.
 */
export function augment(image: DecodedImage, options: AugmentOptions, random: Random): Uint8Array {
  const crop = randomCrop(image, random);
  const mirrored = random.uniform() < 0.5 && options.flip;
  const colours = randomColours(image.pixels, random);
  return resample(image, crop, options, mirrored, colours);
}

/** The picture mirrored left to right. @param pixels RGB, `[height, width, 3]`; stays as it is. */
export function mirror(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const mirrored = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    let from = (y + 1) * width * 3 - 3;
    const end = (y + 1) * width * 3;
    for (let to = y * width * 3; to < end; to += 3, from -= 3) {
      mirrored[to] = pixels[from] as number;
      mirrored[to + 1] = pixels[from + 1] as number;
      mirrored[to + 2] = pixels[from + 2] as number;
    }
  }
  return mirrored;
}

interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function randomCrop({ width, height }: DecodedImage, random: Random): Crop {
  const area = MINIMUM_AREA + (1 - MINIMUM_AREA) * random.uniform();
  // The logarithm, so that wide and tall are equally likely; no side can exceed the picture's.
  const reach = Math.min(Math.log(MAXIMUM_STRETCH), -Math.log(area));
  const stretch = Math.exp(reach * (2 * random.uniform() - 1));
  const cropWidth = width * Math.sqrt(area * stretch);
  const cropHeight = height * Math.sqrt(area / stretch);
  const left = (width - cropWidth) * random.uniform();
  const top = (height - cropHeight) * random.uniform();
  return { left, top, width: cropWidth, height: cropHeight };
}

/** The three jitters as one step: `value · own + grey · shared + offset`, grey being the pixel's luma. */
interface Colours {
  readonly own: number;
  readonly shared: number;
  readonly offset: number;
}

/**
 * With brightness b, contrast c about the mean m, and saturation s:
 *   v' = s·u + (1 − s)·luma(u),  u = c·b·v + (1 − c)·b·m   =>   v' = s·c·b·v + (1 − s)·c·b·luma(v) + (1 − c)·b·m
 */
function randomColours(pixels: Uint8Array, random: Random): Colours {
  const factor = () => 1 + JITTER * (2 * random.uniform() - 1);
  const brightness = factor();
  const contrast = factor();
  const saturation = factor();
  const scale = contrast * brightness;
  return {
    own: saturation * scale,
    shared: (1 - saturation) * scale,
    offset: (1 - contrast) * brightness * meanOf(pixels),
  };
}

/** The mean of every fifth value: near enough, and in turn of all channels. */
function meanOf(pixels: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 5, count++) sum += pixels[i] as number;
  return sum / count;
}

/** Where each target row or column lies among the source's: two neighbours and the share of the second, of 256. */
interface Axis {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Int32Array;
}

/** Pixel centres lie at halves, so that the picture neither shifts nor shrinks. */
function axisOf(start: number, length: number, source: number, target: number, stride: number): Axis {
  const axis = {
    first: new Int32Array(target),
    second: new Int32Array(target),
    share: new Int32Array(target),
  };
  for (let i = 0; i < target; i++) {
    const position = Math.min(Math.max(start + ((i + 0.5) * length) / target - 0.5, 0), source - 1);
    const first = Math.floor(position);
    axis.first[i] = first * stride;
    axis.second[i] = Math.min(first + 1, source - 1) * stride;
    axis.share[i] = Math.round((position - first) * 256);
  }
  return axis;
}

/** Bilinear in fixed point: weights of 1/256 on each axis, 1/65536 together. */
function resample(
  { pixels, width, height }: DecodedImage,
  crop: Crop,
  target: AugmentOptions,
  mirrored: boolean,
  { own, shared, offset }: Colours,
): Uint8Array {
  const columns = axisOf(crop.left, crop.width, width, target.width, 3);
  const rows = axisOf(crop.top, crop.height, height, target.height, width * 3);
  if (mirrored) for (const values of Object.values(columns)) values.reverse();
  // Rounds and clamps to 0 … 255 by itself.
  const result = new Uint8ClampedArray(target.width * target.height * 3);
  const ownScale = own / 65536;
  const [red, green, blue] = [0.299, 0.587, 0.114].map((luma) => (luma * shared) / 65536) as [
    number,
    number,
    number,
  ];
  let to = 0;
  for (let y = 0; y < target.height; y++) {
    const upper = rows.first[y] as number;
    const lower = rows.second[y] as number;
    const down = rows.share[y] as number;
    const up = 256 - down;
    for (let x = 0; x < target.width; x++) {
      const right = columns.share[x] as number;
      const left = 256 - right;
      const a = upper + (columns.first[x] as number);
      const b = upper + (columns.second[x] as number);
      const c = lower + (columns.first[x] as number);
      const d = lower + (columns.second[x] as number);
      const aw = up * left;
      const bw = up * right;
      const cw = down * left;
      const dw = down * right;
      const at = (channel: number) =>
        (pixels[a + channel] as number) * aw +
        (pixels[b + channel] as number) * bw +
        (pixels[c + channel] as number) * cw +
        (pixels[d + channel] as number) * dw;
      const r = at(0);
      const g = at(1);
      const bl = at(2);
      const grey = red * r + green * g + blue * bl + offset;
      result[to++] = ownScale * r + grey;
      result[to++] = ownScale * g + grey;
      result[to++] = ownScale * bl + grey;
    }
  }
  return new Uint8Array(result.buffer);
}
