import type { DevMetrics } from '../captioner/scores-card.js';
import { escapeHtml, htmlDocument, htmlTable } from '../html/index.js';
import type { DataReport } from './data-report.js';
import type { EpochRecord } from './progress.js';
import { curves, type RunState } from './report-curves.js';
import { STYLE } from './report-style.js';
import type { LoggedStep } from './run-folder.js';

/** A picture of the page. */
export interface ShownSample {
  readonly name: string;
  /** An address that holds it. */
  readonly thumbnail: string;
  readonly captions: readonly string[];
}

/** Seconds after which a page of a run under way is read again. */
const RELOAD = 30;
/** Of what was left out for one reason, so many are named. */
const NAMED = 1000;

/** The page of a run: curves, epochs, captions, data, settings. It asks no host for anything and runs no script. */
export function reportPage(
  state: RunState,
  steps: readonly LoggedStep[],
  data: DataReport,
  samples: readonly ShownSample[],
): string {
  const { configuration, progress, metrics } = state;
  const title = `Training ${configuration.name}`;
  const finished = metrics !== undefined;
  return htmlDocument(
    { title, style: STYLE, ...(finished ? {} : { reload: RELOAD }) },
    `<h1>${escapeHtml(title)}</h1>
<p>${standing(state, finished)}</p>
${finished ? finalScores(metrics) : ''}<h2>Curves</h2>
<div class="charts">
${curves(state, steps)}</div>
<h2>Epochs</h2>
${epochTable(progress.history, progress.best)}
<h2>Captions of the same dev pictures, epoch by epoch</h2>
${captionSections(samples, progress.history)}
<h2>Data</h2>
${dataSection(data)}
<details><summary>All settings</summary>
<pre>${escapeHtml(JSON.stringify(configuration, null, 2))}</pre></details>
`,
  );
}

function standing({ progress }: RunState, finished: boolean): string {
  const { stage, step, totalSteps, best, history } = progress;
  const where = finished
    ? `Done after ${totalSteps.toLocaleString('en')} steps.`
    : `Under way: stage ${stage}, ${step.toLocaleString('en')} steps of it done when this was written; the page is read again every ${RELOAD} seconds.`;
  if (best === null || history.every(({ devCiderD }) => Object.keys(devCiderD).length === 0)) return where;
  const averaged = best.averaged === true ? ', averaged weights' : '';
  return `${where} ${finished ? 'Best' : 'Best so far'}: dev CIDEr-D <b>${best.score.toFixed(3)}</b> (stage ${best.stage}, epoch ${round(best.epoch)}${averaged}).`;
}

function finalScores(metrics: DevMetrics): string {
  const sets = Object.entries(metrics);
  const [first] = sets;
  if (first === undefined) return '';
  const rows = sets.map(([set, scores]) => [set, ...Object.values(scores).map(String)]);
  return `<h2>The model, as it will be used, on dev</h2>\n${htmlTable(['data set', ...Object.keys(first[1])], rows)}`;
}

function epochTable(history: readonly EpochRecord[], best: RunState['progress']['best']): string {
  if (history.length === 0) return '<p class="quiet">None is over yet.</p>';
  const inWords = (scores: Readonly<Record<string, number>> = {}) =>
    Object.entries(scores)
      .map(([set, score]) => `${set} ${score.toFixed(3)}`)
      .join(', ');
  const averaged = history.some(({ averageDevCiderD }) => averageDevCiderD !== undefined);
  const rows = history.map((record) => [
    record.stage,
    `${round(record.epoch)}${best?.stage === record.stage && best.epoch === record.epoch ? ' ★' : ''}`,
    record.loss.toFixed(3),
    inWords(record.devCiderD),
    ...(averaged ? [inWords(record.averageDevCiderD)] : []),
  ]);
  return htmlTable(['stage', 'epoch', 'loss', 'dev CIDEr-D', ...(averaged ? ['averaged'] : [])], rows);
}

function captionSections(samples: readonly ShownSample[], history: readonly EpochRecord[]): string {
  const sections = samples.map(({ name, thumbnail, captions }) => {
    const rows = history.flatMap(({ stage, epoch, samples: written }) => {
      const caption = written?.[name];
      return caption === undefined ? [] : [[`${stage} ${round(epoch)}`, caption]];
    });
    return `<section><figure><img src="${escapeHtml(thumbnail)}" alt=""><figcaption>${escapeHtml(name)}</figcaption></figure>
<div>${rows.length === 0 ? '' : htmlTable(['epoch', 'caption'], rows)}<p class="quiet">People wrote: ${escapeHtml(captions.join(' · '))}</p></div></section>\n`;
  });
  return sections.join('');
}

function dataSection({ datasets, captions, captionsCut, words }: DataReport): string {
  const rows = datasets.map(({ name, format, images, captions: written }) => [
    name,
    format,
    ...(['train', 'dev', 'test'] as const).map(
      (split) => `${images[split].toLocaleString('en')} (${written[split].toLocaleString('en')})`,
    ),
  ]);
  const left = datasets.flatMap(({ name, leftOut }) =>
    Object.entries(leftOut).map(([reason, ids]) => {
      const more = ids.length > NAMED ? `, and ${(ids.length - NAMED).toLocaleString('en')} more` : '';
      return `<details><summary>${escapeHtml(name)}: ${ids.length.toLocaleString('en')} left out, ${escapeHtml(reason)}</summary>
<p>${escapeHtml(ids.slice(0, NAMED).join(', '))}${more}</p></details>\n`;
    }),
  );
  const cut =
    captionsCut === 0
      ? ''
      : ` ${captionsCut.toLocaleString('en')} of them are cut off after vocabulary.maximumLength.`;
  return `${htmlTable(['data set', 'format', 'train: images (captions)', 'dev', 'test'], rows)}
<p>${captions.toLocaleString('en')} captions to learn from; ${words.toLocaleString('en')} words.${cut}</p>
${left.length === 0 ? '<p>Nothing was left out.</p>' : left.join('')}`;
}

function round(epoch: number): number {
  return Math.round(epoch * 100) / 100;
}
