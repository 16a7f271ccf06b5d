import type { SearchDefaults } from '../bundle/manifest.js';

/** The scores of a bundle on the dev split of each data set, by its name. */
export type DevMetrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The heading of a model card's section on scores. */
export const SCORES_HEADING = '## How good it is';

/**
 * The section's text: a table in Markdown, and the search that they are of.
 * @param chosen what the dev splits have done besides.
 */
export function scoresText(
  metrics: DevMetrics,
  search: SearchDefaults,
  chosen = 'chose between epochs',
): string {
  const sets = Object.entries(metrics);
  const [first] = sets;
  if (first === undefined) return 'Not measured; `legenda evaluate` does.';
  const names = Object.keys(first[1]);
  const rows = sets.map(
    ([set, values]) => `| ${set} | ${names.map((name) => values[name] ?? '').join(' | ')} |`,
  );
  return `On the dev split of each data set, which ${chosen}, by the COCO caption evaluation: ${inWords(search)}.

| data set | ${names.join(' | ')} |
|---|${names.map(() => '---|').join('')}
${rows.join('\n')}`;
}

function inWords({ method, beamWidth, consensus = 0, expectedWords = 0, ...rest }: SearchDefaults): string {
  const { lengthPenalty, maximumLength } = rest;
  return [
    method === 'beam' ? `beam ${beamWidth}` : method,
    ...(consensus === 0 ? [] : [`the one of ${consensus} that agrees most with the others`]),
    ...(expectedWords === 0 ? [] : [`the words to expect of the photo preferred (${expectedWords})`]),
    `length penalty ${lengthPenalty}`,
    `at most ${maximumLength} words`,
  ].join(', ');
}
