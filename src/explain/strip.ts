import type { OverlayOptions } from 'sharp';
import type { Caption, View } from '../captioner/index.js';
import { escapeHtml } from '../html/index.js';
import { type DecodedImage, loadSharp } from '../images/index.js';
import { coloured } from './colours.js';
import { attentionOverlay } from './overlay.js';
import { besideText, percent } from './word-text.js';

/** Longest side of a panel, and what lies around it, pixels. */
const PANEL = 256;
const GAP = 12;
const LINE = 20;
const TITLE = 48;
const COLUMNS = 6;

/**
 * A PNG with a panel for the photo and for each word of a caption, from left to right, six a row: where the model looked,
 * the word and its probability, and the words that it looked at beside the photo. Text is in the system's sans-serif font.
 */
export async function stripOf(
  photo: DecodedImage,
  { text, words = [] }: Caption,
  view: View,
): Promise<Buffer> {
  const scale = PANEL / Math.max(photo.width, photo.height);
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const raw = { width: photo.width, height: photo.height, channels: 3 } as const;
  const sharp = await loadSharp();
  const plain = await sharp(photo.pixels, { raw }).resize(width, height, { fit: 'fill' }).png().toBuffer();
  const label = (words.some(({ beside }) => beside !== undefined) ? 2 : 1) * LINE + GAP;
  const columns = Math.min(COLUMNS, words.length + 1);
  const rows = Math.ceil((words.length + 1) / columns);
  const place = (panel: number) => ({
    left: GAP + (panel % columns) * (PANEL + GAP) + Math.floor((PANEL - width) / 2),
    top: TITLE + Math.floor(panel / columns) * (height + label + GAP),
  });

  const layers: OverlayOptions[] = [{ input: plain, ...place(0) }];
  const labels: string[] = [`<text x="${GAP}" y="32" class="title">${escapeHtml(text)}</text>`];
  for (const [index, word] of words.entries()) {
    const { left, top } = place(index + 1);
    const overlay = coloured(attentionOverlay(word, view, { width, height }));
    layers.push({ input: plain, left, top });
    layers.push({ input: overlay, raw: { width, height, channels: 4 }, left, top });
    const x = `x="${left + width / 2}"`;
    const sure = `<tspan class="sure" dx="6">${percent(word.probability)}</tspan>`;
    const beside = `<tspan class="sure" ${x} dy="${LINE}">${escapeHtml(besideText(word))}</tspan>`;
    labels.push(
      `<text ${x} y="${top + height + LINE}" class="word">${escapeHtml(word.word)}${sure}${beside}</text>`,
    );
  }
  const size = {
    width: GAP + columns * (PANEL + GAP),
    height: TITLE + rows * (height + label + GAP),
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"><style>
text { font: 16px sans-serif; fill: #1c1c22 } .title { font-size: 20px; font-weight: bold }
.word { text-anchor: middle } .sure { fill: #6b6b76; font-size: 14px }
</style>${labels.join('')}</svg>`;
  layers.push({ input: Buffer.from(svg), left: 0, top: 0 });
  return sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
    .composite(layers)
    .png()
    .toBuffer();
}
