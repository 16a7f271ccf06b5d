/** How the Stanford tokenizer writes what a treebank's tokens may not hold. */
const WRITTEN_AS: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&nbsp;', ''],
  ['&mdash;', '--'],
  [' ', '\u00a0'],
  ['\t', '\u00a0'],
  ['(', '-lrb-'],
  [')', '-rrb-'],
  ['€', '$'],
  ['¤', '$'],
  ['£', '#'],
  ['¢', 'cents'],
  ['¼', '1/4'],
  ['½', '1/2'],
  ['¾', '3/4'],
  ['⅓', '1/3'],
  ['⅔', '2/3'],
]);
const TO_REWRITE = /&(?:amp|lt|gt|quot|apos|nbsp|mdash);|[ \t()€¤£¢¼½¾⅓⅔]/gi;

/** Written so only where they stand alone: the face `:]` keeps its bracket. */
const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['[', '-lsb-'],
  [']', '-rsb-'],
  ['{', '-lcb-'],
  ['}', '-rcb-'],
]);

/** Quotation marks, dashes and dots, all of which it writes as punctuation that the evaluation drops. */
const PUNCTUATION = /^(?:["“”«»‘’‛‹›…–—―]|---?|\.{3,4}|['’]{2}|[`‘]{2}|&(?:quot|apos|mdash);)$/i;

/** What it cannot read: beyond its Unicode version (emoji), private, invisible, most currencies. */
const UNREADABLE = /^(?:[\u{10000}-\u{10ffff}]|[\p{C}\p{Z}]|[₡-₣₥-₫₭-₿\u2010-\u2015])$/u;

/** A token in lower case and in the treebank's spelling; empty if the evaluation drops it. */
export function writeToken(token: string): string {
  if (PUNCTUATION.test(token) || UNREADABLE.test(token)) return '';
  const written = (BRACKETS.get(token) ?? token).replace(
    TO_REWRITE,
    (mark) => WRITTEN_AS.get(mark.toLowerCase()) ?? mark,
  );
  return written.replace(/^(n?)’(?=(?:s|m|d|ll|re|ve|t)$)/i, "$1'").toLowerCase();
}
