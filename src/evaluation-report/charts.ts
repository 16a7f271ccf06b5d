import { escapeHtml } from '../html/index.js';
import type { ReliabilityBin } from '../metrics/index.js';

/** Of the drawings, in their own units; the page scales them. */
const WIDTH = 400;
const HEIGHT = 220;
const MARGIN = { left: 44, right: 26, top: 12, bottom: 42 };
const PLOT = {
  width: WIDTH - MARGIN.left - MARGIN.right,
  height: HEIGHT - MARGIN.top - MARGIN.bottom,
};

/** Bars of one kind, side by side with those of others. */
export interface Series {
  readonly name: string;
  /** A height for each label. */
  readonly values: readonly number[];
}

/**
 * A bar chart as SVG. Every bar says its figures when it is pointed at, and the whole has them in words.
 * @param write a bar's height as words.
 */
export function barChart(
  title: string,
  axis: string,
  labels: readonly string[],
  series: readonly Series[],
  write: (value: number) => string,
): string {
  const most = Math.max(...series.flatMap(({ values }) => values), Number.MIN_VALUE);
  const step = PLOT.width / labels.length;
  const thick = (0.84 * step) / series.length;
  const bars = series.map(({ name, values }, which) =>
    values.map((value, index) => {
      const height = (value / most) * PLOT.height;
      const x = MARGIN.left + index * step + 0.08 * step + which * thick;
      const tip = `${name}, ${axis} ${labels[index]}: ${write(value)}`;
      return `<rect class="series-${which + 1}" x="${round(x)}" y="${round(MARGIN.top + PLOT.height - height)}" width="${round(thick)}" height="${round(height)}"><title>${escapeHtml(tip)}</title></rect>`;
    }),
  );
  // As many labels as there is room for.
  const every = Math.ceil(labels.length / 9);
  const ticks = labels.map((label, index) =>
    index % every === 0 ? text(MARGIN.left + (index + 0.5) * step, HEIGHT - 26, label, 'middle') : '',
  );
  const legend =
    series.length < 2
      ? ''
      : `<p class="legend-line">${series.map(({ name }, which) => `<span class="swatch series-${which + 1}"></span> ${escapeHtml(name)}`).join(' &nbsp; ')}</p>`;
  const top = text(MARGIN.left - 6, MARGIN.top + 8, write(most), 'end');
  return figure(title, `${top}${line()}${bars.flat().join('')}${ticks.join('')}${axisName(axis)}`, legend);
}

/** A reliability diagram: on the diagonal confidences are true; a dot's area is how many captions it stands for. */
export function reliabilityDiagram(title: string, bins: readonly ReliabilityBin[]): string {
  const most = Math.max(...bins.map(({ count }) => count), 1);
  const x = (share: number) => round(MARGIN.left + share * PLOT.width);
  const y = (share: number) => round(MARGIN.top + (1 - share) * PLOT.height);
  const dots = bins
    .filter(({ count }) => count > 0)
    .map(({ from, to, count, confidence, good }) => {
      const tip = `confidence ${percent(from)} to ${percent(to)}: ${count} captions, mean ${percent(confidence)}, good ${percent(good)}`;
      return `<circle class="series-1" cx="${x(confidence)}" cy="${y(good)}" r="${round(3 + 9 * Math.sqrt(count / most))}"><title>${tip}</title></circle>`;
    });
  const diagonal = `<line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`;
  const marks = [0, 0.5, 1].map(
    (share) =>
      text(Number(x(share)), HEIGHT - 26, percent(share), 'middle') +
      text(MARGIN.left - 6, Number(y(share)) + 4, percent(share), 'end'),
  );
  return figure(title, `${line()}${diagonal}${dots.join('')}${marks.join('')}${axisName('confidence')}`, '');
}

function figure(title: string, drawing: string, legend: string): string {
  const name = escapeHtml(title);
  return `<figure class="chart"><figcaption>${name}</figcaption>${legend}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">${drawing}</svg></figure>\n`;
}

function line(): string {
  const y = MARGIN.top + PLOT.height;
  return `<line class="axis" x1="${MARGIN.left}" y1="${y}" x2="${WIDTH - MARGIN.right}" y2="${y}"/>`;
}

function axisName(name: string): string {
  return text(MARGIN.left + PLOT.width / 2, HEIGHT - 6, name, 'middle');
}

function text(x: number, y: number, content: string, anchor: 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeHtml(content)}</text>`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function round(value: number): string {
  return value.toFixed(1);
}
