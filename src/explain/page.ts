import type { Caption, CaptionWord, View } from '../captioner/index.js';
import { DOCUMENT_END, documentStart, escapeHtml } from '../html/index.js';
import { loadSharp } from '../images/index.js';
import { coloured, LEGEND } from './colours.js';
import { attentionOverlay, seenPart } from './overlay.js';
import { besideText, percent } from './word-text.js';

/** Longest side of an overlay, which a browser enlarges to the photo's size: it has no more detail than the grid. */
const OVERLAY_SIZE = 48;

/** The looks of {@link wordFigures}, and of the choice {@link MAP_CHOICE}. */
export const MAP_STYLE = `
.words { display: flex; flex-wrap: wrap; gap: 1rem; }
.words figure { margin: 0; width: min(100%, 20rem); }
.photo { position: relative; }
.photo > img { display: block; width: 100%; }
.photo > .map { position: absolute; height: auto; }
.cells { image-rendering: pixelated; }
body:has([value=smooth]:checked) .cells, body:has([value=cells]:checked) .smooth,
body:has([value=photo]:checked) .map { display: none; }
.legend { display: inline-block; width: 10rem; height: .8rem; background: linear-gradient(to right, ${LEGEND}), #fff; }
`;

/** What the maps show, and how to show them: once a page. */
export const MAP_CHOICE = `<p>The brighter and warmer, the more the model looked there for the word below the photo:
an even look <span class="legend"></span> five times as much. What is dark it looked at less. Behind the word stands how
probable it was after the words before. Show
<label><input type="radio" name="show" value="smooth" checked> smooth</label>
<label><input type="radio" name="show" value="cells"> the cells as they are</label>
<label><input type="radio" name="show" value="photo"> the photo alone</label>
</p>
`;

/** What stands before the photos. */
export function pageStart(model: string): string {
  const title = `Where ${model} looked for each word`;
  return `${documentStart({ title, style: STYLE })}<h1>${escapeHtml(title)}</h1>
${MAP_CHOICE}`;
}

const STYLE = `
section { border-top: 1px solid var(--rule); margin-top: 1.5rem; padding-top: .5rem; }
h2 { font-size: 1rem; font-weight: normal; color: var(--quiet); overflow-wrap: anywhere; }
h3 { font-size: 1.25rem; margin: .5rem 0; }
figcaption span, .error { color: var(--quiet); }
${MAP_STYLE}`;

export const PAGE_END = DOCUMENT_END;

/** A photo in the page. @param body HTML. */
export function photoSection(image: string, body: string): string {
  return `<section>\n<h2>${escapeHtml(image)}</h2>\n${body}</section>\n`;
}

/** Words in place of a caption. */
export function noteBody(text: string): string {
  return `<p class="error">${escapeHtml(text)}</p>\n`;
}

/**
 * A caption, and for each of its words the photo with where the model looked.
 * @param source the photo's address, relative to the page. @param photo upright, pixels.
 */
export async function captionBody(
  caption: Caption,
  source: string,
  view: View,
  photo: Size,
): Promise<string> {
  return `<h3 dir="auto">${escapeHtml(caption.text)}</h3>\n${await wordFigures(caption, source, view, photo)}`;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** For each word of a caption the photo with where the model looked, see {@link captionBody}. */
export async function wordFigures(
  { words = [] }: Pick<Caption, 'words'>,
  source: string,
  view: View,
  photo: Size,
): Promise<string> {
  const { left, top, width, height } = seenPart(view, photo);
  const share = (part: number) => `${(100 * part).toFixed(3)}%`;
  const place = `left:${share(left)};top:${share(top)};width:${share(width)};height:${share(height)}`;
  const figures = await Promise.all(
    words.map(async (word) => {
      const { smooth, cells } = await overlayUris(word, view);
      const map = (kind: string, uri: string) =>
        `<img class="map ${kind}" style="${place}" src="${uri}" alt="">`;
      const beside = besideText(word);
      const also = beside === '' ? '' : `<br><span>looked at: ${escapeHtml(beside)}</span>`;
      return `<figure><div class="photo"><img src="${escapeHtml(source)}" loading="lazy" alt="">${map('smooth', smooth)}${map('cells', cells)}</div>
<figcaption><b>${escapeHtml(word.word)}</b> <span>${percent(word.probability)}</span>${also}</figcaption></figure>\n`;
    }),
  );
  return `<div class="words" dir="auto">\n${figures.join('')}</div>\n`;
}

/** What lies over the part of a photo that the model sees: smooth, and cell by cell, as addresses that hold their PNGs. */
async function overlayUris(word: CaptionWord, view: View): Promise<{ smooth: string; cells: string }> {
  const { grid } = view;
  const size = { width: OVERLAY_SIZE, height: OVERLAY_SIZE };
  const smooth = attentionOverlay(word, { ...view, fit: 'squash' }, size);
  const choices = word.attention.length + (word.beside?.length ?? 0);
  const cells = Float32Array.from(word.attention, (weight) => weight * choices);
  const uri = async (overlay: Float32Array, { width, height }: { width: number; height: number }) => {
    const sharp = await loadSharp();
    const image = sharp(coloured(overlay), { raw: { width, height, channels: 4 } });
    return `data:image/png;base64,${(await image.png().toBuffer()).toString('base64')}`;
  };
  return { smooth: await uri(smooth, size), cells: await uri(cells, grid) };
}
