export interface ShapesPicture {
  /** RGB: `[SIDE, SIDE, 3]`. */
  readonly pixels: Uint8Array;
  readonly caption: string;
}

export interface ShapesOptions {
  /** The folder to write into. */
  readonly out: string;
  /** To train on; a tenth as many more for dev and for test each. @defaultValue 2000 */
  readonly images?: number;
  /** @defaultValue 1 */
  readonly seed?: number;
}

/** Width and height of a picture, in pixels. */
export const SIDE: number;

/** A seeded generator of numbers in [0, 1). */
export function generator(seed: number): () => number;

/** A picture with its caption, which follows from it word for word. */
export function makePicture(random: () => number): ShapesPicture;

/** Writes `train/`, `dev/` and `test/`, each of `00000.png`, `00000.txt`, … */
export function writeShapes(options: ShapesOptions): Promise<void>;
