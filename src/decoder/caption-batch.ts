import { PADDING } from '../text/special-tokens.js';

/**
 * The captions of a batch laid out for teacher forcing: time-major, and at each step only as many captions an image as any
 * image still needs, so that short captions cost little.
 *
 * Step t has `images × captionsAtStep[t]` rows, the captions of an image being neighbours, its longest first. The rows of
 * all steps, one step after the other, are the R packed rows.
 */
export interface CaptionBatch {
  readonly images: number;
  /** K_t, never rising. */
  readonly captionsAtStep: readonly number[];
  /** The token that is read, `[R]`; padding where a caption is over. */
  readonly inputs: Int32Array;
  /** The packed rows that have a token to predict, `[P]`. */
  readonly rows: Int32Array;
  /** The tokens to predict, `[P]`. */
  readonly targets: Int32Array;
  /** The caption of each, counted through all images in the order given, `[P]`. */
  readonly captions: Int32Array;
}

/**
 * Lays out captions.
 * @param captions each image's captions as `[START, …, END]`; one cut short lacks the END and is not taught to end there.
 */
export function layOutCaptions(captions: readonly (readonly (readonly number[])[])[]): CaptionBatch {
  let counted = 0;
  const sorted = captions.map((ofImage) =>
    ofImage
      .map((tokens) => ({ tokens, number: counted++, length: tokens.length }))
      .sort((a, b) => b.length - a.length),
  );
  const steps = Math.max(0, ...sorted.map(([longest]) => (longest?.length ?? 1) - 1));
  const captionsAtStep: number[] = [];
  for (let t = 0; t < steps; t++) {
    captionsAtStep.push(
      Math.max(...sorted.map((ofImage) => ofImage.filter(({ length }) => length - 1 > t).length)),
    );
  }
  const packed = captionsAtStep.reduce((sum, count) => sum + count, 0) * sorted.length;
  const inputs = new Int32Array(packed).fill(PADDING);
  const rows: number[] = [];
  const targets: number[] = [];
  const numbers: number[] = [];
  let offset = 0;
  captionsAtStep.forEach((count, t) => {
    sorted.forEach((ofImage, image) => {
      for (let k = 0; k < count; k++) {
        const caption = ofImage[k];
        if (caption === undefined || caption.length - 1 <= t) continue;
        const { tokens, number } = caption;
        const row = offset + image * count + k;
        inputs[row] = tokens[t] as number;
        rows.push(row);
        targets.push(tokens[t + 1] as number);
        numbers.push(number);
      }
    });
    offset += count * sorted.length;
  });
  return {
    images: sorted.length,
    captionsAtStep,
    inputs,
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
    captions: Int32Array.from(numbers),
  };
}
