import type { Dropped, DropReason, Example, Split } from '../datasets/index.js';
import { escapeHtml, htmlDocument } from '../html/index.js';
import { thumbnail } from '../images/index.js';
import { describePictures, describeVocabulary, grouped } from './describe-preparation.js';
import type { NearDuplicate } from './near-duplicates.js';
import type { Preparation } from './prepare.js';
import { STYLE } from './report-style.js';

/** Samples of each split. */
const SAMPLES: readonly (readonly [Split, number])[] = [
  ['train', 12],
  ['dev', 6],
  ['test', 6],
];
const PAIRS = 24;
/** Longest side of a picture, pixels; for screens with two pixels a point. */
const SIDE = 360;
/** Of the chart of lengths. */
const BARS = 40;
/** Shown of each reason; all are in the list beside the report. */
const DROPPED = 200;

/** A page that needs nothing beside it. @param droppedFile the file beside it that lists all that was left out. */
export async function preparationReport(preparation: Preparation, droppedFile: string): Promise<string> {
  const { dataset } = preparation;
  const name = escapeHtml(dataset.name);
  return htmlDocument(
    { title: `${dataset.name}: pictures with captions`, style: STYLE },
    `<h1>${name}</h1>
<p class="quiet">Pictures with captions, read as ${escapeHtml(dataset.format)} from ${escapeHtml(dataset.root)}</p>
${splitTable(preparation)}
<p>Pictures: ${escapeHtml(describePictures(preparation))}.</p>
${wordSection(preparation)}
${await sampleSection(dataset.examples)}
${await duplicateSection(preparation)}
${droppedSection(dataset.dropped, droppedFile)}
`,
  );
}

function splitTable({ dataset }: Preparation): string {
  const rows = SAMPLES.map(([split]) => {
    const captions = dataset.examples
      .filter((example) => example.split === split)
      .map((e) => e.captions.length);
    if (captions.length === 0) return '';
    const total = captions.reduce((sum, count) => sum + count, 0);
    const cells = [
      grouped(captions.length),
      grouped(total),
      (total / captions.length).toFixed(1),
      captions.reduce((a, b) => Math.min(a, b)),
      captions.reduce((a, b) => Math.max(a, b)),
    ];
    return `<tr><th scope="row">${split}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
  });
  return `<table>
<thead><tr><th></th><th>images</th><th>captions</th><th>captions an image</th><th>fewest</th><th>most</th></tr></thead>
<tbody>
${rows.join('')}</tbody>
</table>`;
}

function wordSection(preparation: Preparation): string {
  const { words } = preparation;
  const { maximumLength, language } = { ...words.options, language: words.options.writing.language };
  const long =
    words.tooLong === 0
      ? ''
      : ` ${grouped(words.tooLong)} captions are longer than ${maximumLength} words: the rest is not learnt.`;
  const frequent = words.frequent.map(
    ({ word, count }) =>
      `<li lang="${escapeHtml(language)}" dir="auto">${escapeHtml(word)} <span class="quiet">${grouped(count)}</span></li>`,
  );
  return `<h2>Words</h2>
<p>Vocabulary: ${escapeHtml(describeVocabulary(preparation))}.${long}</p>
<figure>${lengthChart(words.lengths)}<figcaption>Captions by their number of words</figcaption></figure>
<details><summary>The most frequent words</summary><ul class="words">${frequent.join('')}</ul></details>`;
}

/** Bars; what is longer than nearly all captions, or than the most that can be drawn, shares the last. */
function lengthChart(lengths: readonly number[]): string {
  const total = lengths.reduce((sum, count) => sum + count, 0);
  let [last, below] = [0, 0];
  while (last < Math.min(lengths.length, BARS) && below < 0.995 * total) below += lengths[last++] ?? 0;
  const bars = lengths.slice(0, last);
  const rest = total - below;
  if (rest > 0) bars.push(rest);
  const highest = bars.reduce((a, b) => Math.max(a, b), 1);
  const [width, height] = [16, 120];
  const every = Math.max(1, Math.ceil(bars.length / 20));
  const drawn = bars.map((count, words) => {
    const tall = (height * count) / highest;
    const label = rest > 0 && words === last ? `${last}+` : `${words}`;
    const text =
      label.endsWith('+') || (words % every === 0 && words < bars.length - 2)
        ? `<text x="${words * width + width / 2}" y="${height + 14}">${label}</text>`
        : '';
    return `<g><title>${label} words: ${grouped(count)} captions</title><rect x="${words * width + 1}" y="${(height - tall).toFixed(1)}" width="${width - 2}" height="${tall.toFixed(1)}" rx="1"/>${text}</g>`;
  });
  return `<svg viewBox="0 0 ${bars.length * width} ${height + 20}" preserveAspectRatio="xMinYMid" role="img" aria-label="Captions by their number of words">${drawn.join('')}</svg>`;
}

async function sampleSection(examples: readonly Example[]): Promise<string> {
  const cards: string[] = [];
  for (const [split, wanted] of SAMPLES) {
    const all = examples.filter((example) => example.split === split);
    const count = Math.min(wanted, all.length);
    for (let sample = 0; sample < count; sample++) {
      cards.push(await card(all[Math.floor((sample * all.length) / count)] as Example));
    }
  }
  return `<h2>Samples</h2>\n<div class="grid">\n${cards.join('')}</div>`;
}

async function card({ id, image, captions, split }: Example): Promise<string> {
  const lines = captions.map((caption) => `<li dir="auto">${escapeHtml(caption)}</li>`);
  return `<article><img src="${await thumbnail(image, SIDE)}" alt="" loading="lazy">
<p class="quiet"><span class="split">${split}</span> ${escapeHtml(id)}</p><ul>${lines.join('')}</ul></article>\n`;
}

async function duplicateSection({ nearDuplicates }: Preparation): Promise<string> {
  const { pairs, count } = nearDuplicates;
  if (count === 0)
    return '<h2>The same in two splits</h2>\n<p>No two splits have photos that look the same.</p>';
  const shown: string[] = [];
  for (const pair of pairs.slice(0, PAIRS)) shown.push(await pairCard(pair));
  const most = count > PAIRS ? ` The ${PAIRS} most alike:` : '';
  return `<h2>The same in two splits</h2>
<p>${grouped(count)} ${count === 1 ? 'pair' : 'pairs'} of photos look alike though they are in different splits: what is learnt by heart from one passes
for skill on the other. They are kept; leave out the ones to train on, or count on scores that are a little too good.${most}</p>
<div class="grid pairs">
${shown.join('')}</div>`;
}

async function pairCard({ first, second }: NearDuplicate): Promise<string> {
  const sides = await Promise.all(
    [first, second].map(
      async ({ id, image, split, captions }) =>
        `<div><img src="${await thumbnail(image, SIDE)}" alt="" loading="lazy"><p class="quiet"><span class="split">${split}</span> ${escapeHtml(id)}</p><p dir="auto">${escapeHtml(captions[0] ?? '')}</p></div>`,
    ),
  );
  return `<article>${sides.join('')}</article>\n`;
}

function droppedSection(dropped: readonly Dropped[], file: string): string {
  if (dropped.length === 0) return '<h2>Left out</h2>\n<p>Nothing.</p>';
  const reasons = new Map<DropReason, Dropped[]>();
  for (const each of dropped) {
    const same = reasons.get(each.reason);
    if (same === undefined) reasons.set(each.reason, [each]);
    else same.push(each);
  }
  const lists = [...reasons].map(([reason, all]) => {
    const rows = all
      .slice(0, DROPPED)
      .map(({ id, detail = '' }) => `<tr><td>${escapeHtml(id)}</td><td>${escapeHtml(detail)}</td></tr>`);
    const more = all.length > DROPPED ? `<p class="quiet">The others are in ${escapeHtml(file)}.</p>` : '';
    return `<details><summary>${reason}: ${grouped(all.length)}</summary><table class="left">${rows.join('')}</table>${more}</details>\n`;
  });
  return `<h2>Left out</h2>\n${lists.join('')}`;
}
