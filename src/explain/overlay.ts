import type { CaptionWord, View } from '../captioner/index.js';

/** Shares of a photo's width and height. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The part of a photo that the model sees: all of it when it is squashed, its middle when it is cropped.
 * @param photo upright, in any unit.
 */
export function seenPart(
  { fit, width, height }: View,
  photo: { readonly width: number; readonly height: number },
): Part {
  if (fit === 'squash') return { left: 0, top: 0, width: 1, height: 1 };
  const tooWide = photo.width / photo.height / (width / height);
  const seen = { width: Math.min(1, 1 / tooWide), height: Math.min(1, tooWide) };
  return { left: (1 - seen.width) / 2, top: (1 - seen.height) / 2, ...seen };
}

/**
 * Where the model looked for a word, as large as the photo: for each pixel, how many times the even share of attention its
 * place got, `[height, width]`; 0 in what the model did not see. Smoothed by cubic B-splines over the cells.
 * @param attention of a word, and `beside` of the same if it has it: with more to look at the even share is smaller.
 * @param photo upright, pixels.
 */
export function attentionOverlay(
  word: Pick<CaptionWord, 'attention' | 'beside'>,
  view: View,
  photo: { readonly width: number; readonly height: number },
): Float32Array {
  const part = seenPart(view, photo);
  const choices = word.attention.length + (word.beside?.length ?? 0);
  const down = splines(view.grid.height, photo.height, part.top, part.height);
  const across = splines(view.grid.width, photo.width, part.left, part.width);
  const overlay = new Float32Array(photo.height * photo.width);
  const row = new Float32Array(view.grid.width);
  for (let y = down.begin; y < down.end; y++) {
    // The grid at this height first, then along it: four products a pixel in place of sixteen.
    for (let column = 0; column < row.length; column++) {
      row[column] = choices * valueAt(down, y, (cell) => word.attention[cell * row.length + column]!);
    }
    for (let x = across.begin; x < across.end; x++) {
      overlay[y * photo.width + x] = valueAt(across, x, (cell) => row[cell]!);
    }
  }
  return overlay;
}

/** What each pixel along an axis is made of: four cells and their weights. */
interface Splines {
  /** The pixels that lie in the cells; `end` no longer does. */
  readonly begin: number;
  readonly end: number;
  /** `[pixels, 4]`. */
  readonly cells: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Uniform cubic B-splines.
 * @param from where the first cell begins, and `share` what all cells take, as shares of the axis.
 */
function splines(count: number, length: number, from: number, share: number): Splines {
  const cells = new Int32Array(4 * length);
  const weights = new Float32Array(4 * length);
  for (let pixel = 0; pixel < length; pixel++) {
    const at = (((pixel + 0.5) / length - from) / share) * count - 0.5;
    const first = Math.floor(at);
    const t = at - first;
    const middle = (u: number) => (3 * u ** 3 - 6 * u ** 2 + 4) / 6;
    weights.set([(1 - t) ** 3 / 6, middle(t), middle(1 - t), t ** 3 / 6], 4 * pixel);
    for (let i = 0; i < 4; i++) {
      // The outermost cells' values go on beyond their centres.
      cells[4 * pixel + i] = Math.min(count - 1, Math.max(0, first - 1 + i));
    }
  }
  return { begin: Math.round(from * length), end: Math.round((from + share) * length), cells, weights };
}

function valueAt({ cells, weights }: Splines, pixel: number, at: (cell: number) => number): number {
  let value = 0;
  for (let i = 4 * pixel; i < 4 * pixel + 4; i++) value += weights[i]! * at(cells[i]!);
  return value;
}
