import { escapeHtml, htmlDocument, htmlTable } from '../html/index.js';
import { linePlot } from './line-plot.js';
import { figure, type GradientReport, type MeasuredLine, type Picture } from './picture.js';

const STYLE = `
body { max-width: 52rem; }
section { border-top: 1px solid var(--rule); margin-top: 1.5rem; }
th, td { padding: .1rem .8rem; text-align: right; }
`;

/** Rows of a picture's table of numbers, about so many. */
const ROWS = 12;

/** The report as a page that holds all it shows and asks no host for anything. */
export function gradientPage({ title, subject, pictures }: GradientReport): string {
  return htmlDocument(
    { title, style: STYLE },
    `<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(subject)}</p>
${pictures.map(section).join('')}`,
  );
}

function section(picture: Picture): string {
  const [head = [], ...rows] = tableOf(picture);
  return `<section>
<h2>${escapeHtml(picture.title)}</h2>
${linePlot(picture)}<p>${escapeHtml(picture.explanation)}</p>
<details><summary>Numbers</summary>
${htmlTable(head, rows)}</details>
</section>
`;
}

/** The report as text for a terminal. */
export function gradientText({ title, subject, pictures }: GradientReport): string {
  const parts = pictures.map(
    (picture) => `${picture.title}\n\n${aligned(tableOf(picture))}\n\n${picture.explanation}\n`,
  );
  return [`${title}\n${subject}\n`, ...parts].join('\n');
}

/** Some of the picture's numbers, its header first. */
function tableOf({ x, lines }: Picture): string[][] {
  const count = Math.max(0, ...lines.map(({ values }) => values.length));
  const step = Math.max(1, Math.ceil((count - 1) / (ROWS - 1)));
  const picked = Array.from({ length: count }, (_, index) => index).filter(
    (index) => index % step === 0 || index === count - 1,
  );
  const row = (name: string, measured: (line: MeasuredLine) => number | null | undefined) => {
    const values = lines.map(measured);
    if (values.every((value) => value === undefined)) return [];
    return [[name, ...values.map((value) => (typeof value === 'number' ? figure(value) : '–'))]];
  };
  return [
    [x.label, ...lines.map(({ name }) => name)],
    ...picked.flatMap((index) => row(String(index + 1), ({ values }) => values[index])),
    ...row("weights' gradient", ({ weightGradientNorm }) => weightGradientNorm),
    ...row('after clipping', ({ clippedNorm }) => clippedNorm),
  ];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}`)
    .join('\n');
}
