import type { Evaluation } from '../captioner/index.js';
import { percent } from '../explain/index.js';
import { escapeHtml, htmlDocument } from '../html/index.js';
import { barChart, reliabilityDiagram, type Series } from './charts.js';
import type { ScoredImage } from './chosen-images.js';
import { FIGURE_MEANINGS } from './figure-meanings.js';
import { STYLE } from './style.js';

/** A part of the page, with an entry in its contents. @param body HTML. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** The whole page. It asks no host for anything and needs no script. @param about a line below the title. */
export function reportPage(title: string, about: string, sections: readonly Section[]): string {
  const entries = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`);
  const bodies = sections.map(
    ({ id, title, body }) => `<section id="${id}">\n<h2>${escapeHtml(title)}</h2>\n${body}</section>\n`,
  );
  return htmlDocument(
    { title, style: STYLE },
    `<header>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">${escapeHtml(about)}</p>
<nav aria-label="Contents"><ul>${entries.join('')}</ul></nav>
</header>
<main>
${bodies.join('')}</main>
`,
  );
}

export function figuresTable(figures: Readonly<Record<string, number | string>>): string {
  const rows = Object.entries(figures).map(([name, value]) => {
    const meaning = `<td class="quiet">${escapeHtml(FIGURE_MEANINGS[name] ?? '')}</td>`;
    const cells =
      typeof value === 'number'
        ? `<td class="value">${value}</td>${meaning}`
        : `<td></td><td class="quiet">${escapeHtml(value)}</td>`;
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells}</tr>\n`;
  });
  return `<div class="scroll"><table>\n${rows.join('')}</table></div>\n`;
}

/** Bins of the histogram of CIDEr-D, and how wide each is. */
const BINS = 12;
const BIN = 0.25;

/** @param people how many of their captions have each number of words. */
export function charts({ metrics, lengths, calibration }: Evaluation, people: readonly number[]): string {
  const shares = (name: string, histogram: readonly number[], count: number): Series => {
    const total = histogram.reduce((sum, value) => sum + value, 0);
    return { name, values: Array.from({ length: count }, (_, i) => (histogram[i] ?? 0) / total) };
  };
  const count = Math.max(lengths.histogram.length, people.length);
  const words = Array.from({ length: count }, (_, index) => String(index));
  const series = [shares('the model', lengths.histogram, count), shares('people', people, count)];
  const scores = new Array<number>(BINS).fill(0);
  for (const { ciderD } of metrics.perImage) scores[Math.min(BINS - 1, Math.floor(ciderD / BIN))]!++;
  const from = scores.map((_, index) => `${index * BIN}${index === BINS - 1 ? '+' : ''}`);
  const images = [{ name: 'images', values: scores }];
  return `<div class="charts">
${barChart('How long captions are', 'words', words, series, percent)}
${barChart('How good captions are', 'CIDEr-D from', from, images, String)}
${reliabilityDiagram('Whether confidences are true: share of good captions by confidence', calibration.bins)}
</div>\n`;
}

/**
 * An image with its caption, scores and references.
 * @param photo its address beside the page; none if it could not be read again. @param maps HTML, where the model looked.
 * @param language of the captions.
 */
export function imageArticle(
  { row, example, scores }: ScoredImage,
  photo: string | undefined,
  maps: string,
  language: string,
): string {
  const text = `lang="${escapeHtml(language)}" dir="auto"`;
  const references = example.captions.map((caption) => `<li ${text}>${escapeHtml(caption)}</li>`);
  const figures = [
    `CIDEr-D ${scores.ciderD.toFixed(2)}`,
    `METEOR ${scores.meteor.toFixed(2)}`,
    `ROUGE-L ${scores.rougeL.toFixed(2)}`,
    `confidence ${percent(row.confidence)}`,
  ];
  const picture =
    photo === undefined
      ? '<p class="quiet">The photo can no longer be read.</p>'
      : `<img src="${escapeHtml(photo)}" loading="lazy" alt="${escapeHtml(row.caption)}">`;
  const looked =
    maps === '' ? '' : `<details><summary>Where it looked for each word</summary>\n${maps}</details>\n`;
  return `<article>
${picture}
<div><h3 ${text}>${escapeHtml(row.caption)}</h3>
<p>${figures.join(' · ')}</p>
<p class="quiet">People wrote</p><ul>${references.join('')}</ul>
<p class="quiet">${escapeHtml(example.id)}</p></div>
${looked}</article>
`;
}

/** What is in no figure, and why; empty for nothing. */
export function leftOutList(entries: readonly { readonly id: string; readonly reason: string }[]): string {
  if (entries.length === 0) return '';
  const items = entries.map(({ id, reason }) => `<li>${escapeHtml(id)}: ${escapeHtml(reason)}</li>\n`);
  return `<p>${entries.length} images or captions.</p>
<ul class="left-out" tabindex="0">\n${items.join('')}</ul>\n`;
}
