import { escapeHtml } from '../html/index.js';

export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis & { readonly scale: 'linear' | 'log' };
  readonly lines: readonly Line[];
}

interface Axis {
  readonly label: string;
}

export interface Line {
  readonly name: string;
  /** At x = 1, 2, 3, …; a gap where it is null, no number, or on a log scale not above zero. */
  readonly values: readonly (number | null)[];
}

const SIZE = { width: 720, height: 400 };
const AREA = { left: 76, right: 700, top: 64, bottom: 350 };
/** Told apart also by those who see fewer colours (Okabe and Ito 2008). */
const STROKES = [
  'stroke="#0072b2"',
  'stroke="#d55e00" stroke-dasharray="9 3"',
  'stroke="#009e73" stroke-dasharray="2 3"',
  'stroke="#cc79a7" stroke-dasharray="9 3 2 3"',
  'stroke="#e69f00" stroke-dasharray="5 5"',
  'stroke="#404048" stroke-dasharray="1 5"',
];
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Lines over x = 1, 2, 3, … as an SVG that needs nothing else. */
export function linePlot({ title, x, y, lines }: LinePlot): string {
  const isLog = y.scale === 'log';
  const height = (value: number | null) =>
    value === null || !Number.isFinite(value) || (isLog && value <= 0)
      ? undefined
      : isLog
        ? Math.log10(value)
        : value;
  const heights = lines.map(({ values }) => values.map(height));
  const drawn = heights.flat().filter((value) => value !== undefined);
  const yTicks = isLog ? decades(drawn) : steps(Math.min(...drawn), Math.max(...drawn));
  const [low, high] = [yTicks[0] ?? 0, yTicks.at(-1) ?? 1];
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const across = (index: number) => AREA.left + ((AREA.right - AREA.left) * (index - 1)) / (count - 1);
  const up = (value: number) => AREA.bottom - ((AREA.bottom - AREA.top) * (value - low)) / (high - low || 1);
  const parts = [
    `<title>${escapeHtml(title)}</title>`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#fff"/>`,
    ...yTicks.map((tick) => {
      const at = up(tick).toFixed(1);
      const label = isLog ? `10${superscript(tick)}` : String(tick);
      return `<path d="M${AREA.left} ${at}H${AREA.right}" stroke="#e2e2e8"/>${text(AREA.left - 8, up(tick) + 4, label, 'end')}`;
    }),
    ...steps(1, count)
      .map((tick) => Math.max(tick, 1))
      .filter((tick) => Number.isInteger(tick) && tick <= count)
      .map((tick) => text(across(tick), AREA.bottom + 18, String(tick), 'middle')),
    text((AREA.left + AREA.right) / 2, SIZE.height - 10, x.label, 'middle'),
    text(AREA.left - 62, AREA.top - 44, y.label, 'start'),
    ...lines.map(({ name }, index) => legend(name, index, lines.length)),
    ...heights.map(
      (values, index) =>
        `<path d="${path(values, across, up)}" fill="none" stroke-width="2" stroke-linejoin="round" ${strokeOf(index)}/>`,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#404048">
${parts.join('\n')}
</svg>
`;
}

function strokeOf(index: number): string {
  return STROKES[index % STROKES.length] as string;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;
}

/** The line's name behind a piece of it, above the plot. */
function legend(name: string, index: number, count: number): string {
  const x = AREA.left + ((AREA.right - AREA.left) * index) / count;
  const y = AREA.top - 20;
  return `<path d="M${x.toFixed(1)} ${y}h26" stroke-width="2" ${strokeOf(index)}/>${text(x + 32, y + 4, name, 'start')}`;
}

function path(
  values: readonly (number | undefined)[],
  across: (index: number) => number,
  up: (value: number) => number,
): string {
  let command = 'M';
  const points = values.map((value, index) => {
    if (value === undefined) {
      command = 'M';
      return '';
    }
    const point = `${command}${across(index + 1).toFixed(1)} ${up(value).toFixed(1)}`;
    command = 'L';
    return point;
  });
  return points.join('');
}

/** Round numbers from at or below `low` to at or above `high`. */
function steps(low: number, high: number): number[] {
  if (!(low < high)) return Number.isFinite(low) ? [low - 1, low, low + 1] : [0, 1];
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Powers of ten that hold the values between them. @param values logarithms. */
function decades(values: readonly number[]): number[] {
  if (values.length === 0) return [0, 1];
  const low = Math.floor(Math.min(...values));
  const high = Math.max(low + 1, Math.ceil(Math.max(...values)));
  const step = Math.ceil((high - low) / 8);
  const count = Math.ceil((high - low) / step) + 1;
  return Array.from({ length: count }, (_, index) => low + index * step);
}

function superscript(power: number): string {
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return power < 0 ? `⁻${digits}` : digits;
}
