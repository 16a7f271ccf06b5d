import { escapeHtml } from '../html/index.js';

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether each point is drawn, as where there are few. */
  readonly dots?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  /** Where a stage begins, and its name. */
  readonly marks: readonly { readonly x: number; readonly name: string }[];
  /** The last step of the run, where the chart ends. */
  readonly end: number;
  readonly logarithmic?: boolean;
}

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 58;
const RIGHT = 12;
const TOP = 26;
const BOTTOM = 30;
/** Points of a line at most: of more, the means of neighbours are drawn. */
const POINTS = 400;

/** Lines over steps as an SVG whose colours are the page's custom properties `--line-1`, `--line-2`, … */
export function lineChart({ title, series, marks, end, logarithmic = false }: Chart): string {
  const lines = series
    .map((one) => ({ ...one, points: thinned(one.points.filter(([, y]) => isDrawable(y, logarithmic))) }))
    .filter(({ points }) => points.length > 0);
  const all = lines.flatMap(({ points }) => points);
  const head = `<figure><figcaption>${escapeHtml(title)}</figcaption>`;
  if (all.length === 0) return `${head}<p class="quiet">Nothing yet.</p></figure>\n`;
  const place = logarithmic ? Math.log10 : (y: number) => y;
  const back = logarithmic ? (y: number) => 10 ** y : (y: number) => y;
  const heights = all.map(([, y]) => place(y));
  const [low, high] = widened(Math.min(...heights), Math.max(...heights));
  const x = (value: number) => LEFT + (value / end) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const horizontal = (logarithmic ? powers(low, high) : ticks(low, high, 5)).map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${figure(y(tick))}" y2="${figure(y(tick))}"/>` +
      `<text x="${LEFT - 6}" y="${figure(y(tick) + 4)}" text-anchor="end">${short(back(tick))}</text>`,
  );
  const vertical = ticks(0, end, 6).map(
    (tick) =>
      `<text x="${figure(x(tick))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${short(tick)}</text>`,
  );
  const stages = marks.map(
    ({ x: at, name }) =>
      `<line class="stage" x1="${figure(x(at))}" x2="${figure(x(at))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>` +
      `<text x="${figure(x(at) + 4)}" y="${TOP - 6}">${escapeHtml(name)}</text>`,
  );
  const drawn = lines.map(({ points, dots }, index) => {
    const colour = `var(--line-${(index % 6) + 1})`;
    const path = points.map(([px, py]) => `${figure(x(px))},${figure(y(place(py)))}`);
    const circles = dots
      ? points.map(
          ([px, py], i) =>
            `<circle cx="${path[i]?.split(',')[0]}" cy="${path[i]?.split(',')[1]}" r="3.5" fill="${colour}">` +
            `<title>step ${px}: ${short(py)}</title></circle>`,
        )
      : [];
    return `<polyline points="${path.join(' ')}" stroke="${colour}"/>${circles.join('')}`;
  });
  const legend = lines.map(
    ({ name, points }, index) =>
      `<span style="--line: var(--line-${(index % 6) + 1})">${escapeHtml(name)} <b>${short(points.at(-1)?.[1] ?? 0)}</b></span>`,
  );
  return `${head}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)} over steps">
${[...horizontal, ...vertical, ...stages, ...drawn].join('\n')}
</svg><div class="legend">${legend.join(' ')}</div></figure>\n`;
}

function isDrawable(value: number, logarithmic: boolean): boolean {
  return Number.isFinite(value) && (!logarithmic || value > 0);
}

function thinned(points: ChartSeries['points']): ChartSeries['points'] {
  const size = Math.ceil(points.length / POINTS);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const some = points.slice(index * size, (index + 1) * size);
    const mean = (part: 0 | 1) => some.reduce((sum, point) => sum + point[part], 0) / some.length;
    return [Math.round(mean(0)), mean(1)] as const;
  });
}

/** A little room above and below; a line that does not rise has some too. */
function widened(low: number, high: number): [number, number] {
  const room = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** About so many round numbers from low to high. */
function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** Logarithms of round numbers: of powers of ten, and where these are few also of twice and five times those. */
function powers(low: number, high: number): number[] {
  const within = (factors: readonly number[]) =>
    Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index)
      .flatMap((power) => factors.map((factor) => power + Math.log10(factor)))
      .filter((tick) => tick >= low && tick <= high);
  const whole = within([1]);
  return whole.length > 2 ? whole : within([1, 2, 5]);
}

function figure(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Three digits. */
function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return size < 1e-3 ? Number(value.toPrecision(2)).toExponential() : String(Number(value.toPrecision(3)));
}
