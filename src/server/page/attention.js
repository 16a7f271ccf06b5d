// Where the model looked for a word, drawn over the photo.
import { colourOf } from './colours.js';
import { attentionOverlay, seenPart } from './overlay.js';

/**
 * Draws a word's map on a canvas: it has no more detail than the model's grid, so the canvas is small and is enlarged.
 * @param {HTMLCanvasElement} canvas
 * @param {import('./types.js').Word} word
 * @param {import('./types.js').View} view
 */
export function drawAttention(canvas, word, view) {
  const context = canvas.getContext('2d');
  if (context === null) return;
  // The canvas lies over the part of the photo that the model saw, so that all of it is seen.
  const overlay = attentionOverlay(word, { ...view, fit: 'squash' }, canvas);
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (const [index, times] of overlay.entries()) {
    const [red, green, blue, opacity] = colourOf(times);
    pixels.data.set([red, green, blue, 255 * opacity], 4 * index);
  }
  context.putImageData(pixels, 0, 0);
}

/**
 * Lays the canvas over the part of the photo that the model saw.
 * @param {HTMLCanvasElement} canvas in a frame as large as the photo
 * @param {{ naturalWidth: number, naturalHeight: number }} photo
 * @param {import('./types.js').View} view
 */
export function placeOver(canvas, { naturalWidth: width, naturalHeight: height }, view) {
  const part = seenPart(view, { width, height });
  for (const side of /** @type {const} */ (['left', 'top', 'width', 'height'])) {
    canvas.style[side] = `${100 * part[side]}%`;
  }
}
