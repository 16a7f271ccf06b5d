import { describe, expect, it } from 'vitest';
import type { View } from '../../src/captioner/index.js';
import { attentionOverlay, seenPart } from '../../src/explain/overlay.js';

const view = (fit: View['fit'], height: number, width: number): View => ({
  fit,
  width: 224,
  height: 224,
  grid: { height, width },
});
const even = (cells: number) => new Array<number>(cells).fill(1 / cells);

/** All on one cell of a grid of so many. */
const on = (cell: number, cells: number) => Array.from({ length: cells }, (_, i) => Number(i === cell));

/** The row and column of the brightest pixel. */
function brightest(overlay: Float32Array, width: number): [row: number, column: number] {
  const at = overlay.indexOf(Math.max(...overlay));
  return [Math.floor(at / width), at % width];
}

describe('the overlay of where a model looked', () => {
  it('is as large as the photo, and 1 everywhere for an even look', () => {
    const overlay = attentionOverlay({ attention: even(6) }, view('squash', 2, 3), { width: 31, height: 17 });
    expect(overlay).toHaveLength(31 * 17);
    for (const value of overlay) expect(value).toBeCloseTo(1, 5);
  });

  it('shines on the cell that got the attention, row by row, in grids that are not square', () => {
    const photo = { width: 90, height: 40 };
    for (let cell = 0; cell < 6; cell++) {
      const [row, column] = brightest(
        attentionOverlay({ attention: on(cell, 6) }, view('squash', 2, 3), photo),
        photo.width,
      );
      expect([Math.floor(row / 20), Math.floor(column / 30)]).toEqual([Math.floor(cell / 3), cell % 3]);
    }
  });

  it('leaves dark what a centre crop cut away, and fits the grid into the rest', () => {
    const photo = { width: 200, height: 100 };
    const cropped = view('centreCrop', 2, 2);
    expect(seenPart(cropped, photo)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1 });
    expect(seenPart(cropped, { width: 100, height: 400 })).toEqual({
      left: 0,
      top: 0.375,
      width: 1,
      height: 0.25,
    });
    const overlay = attentionOverlay({ attention: even(4) }, cropped, photo);
    const row = [...overlay.subarray(50 * 200, 51 * 200)].map((value) => value > 0);
    expect([row.indexOf(true), row.lastIndexOf(true)]).toEqual([50, 149]);
    const [, column] = brightest(attentionOverlay({ attention: [1, 0, 0, 0] }, cropped, photo), 200);
    expect(column).toBeGreaterThanOrEqual(50);
    expect(column).toBeLessThan(100);
  });

  it('is fainter where the model also looked at words beside the photo', () => {
    const beside = [{ word: 'cat', weight: 0.5 }];
    const overlay = attentionOverlay({ attention: [0.25, 0.25], beside }, view('squash', 1, 2), {
      width: 4,
      height: 4,
    });
    for (const value of overlay) expect(value).toBeCloseTo(0.75, 5);
  });
});
