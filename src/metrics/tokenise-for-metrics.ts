/** What the COCO caption evaluation drops from the tokens. */
const PUNCTUATION = new Set(["''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);

/** First form; the Penn Treebank's finer rules follow. */
export function tokeniseForMetrics(text: string): string[] {
  const spaced = text
    .toLowerCase()
    .replace(/[(]/g, ' -lrb- ')
    .replace(/[)]/g, ' -rrb- ')
    .replace(/["“”,;:!?]/g, ' ')
    .replace(/\.(?=\s|$)/g, ' ')
    .replace(/\bcannot\b/g, 'can not')
    .replace(/(?<=[a-z])(n't|'(?:s|m|d|re|ve|ll))(?![a-z])/g, ' $1');
  return spaced.split(/\s+/).filter((token) => token !== '' && !PUNCTUATION.has(token));
}
