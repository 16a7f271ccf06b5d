/**
 * What counts as one token to the Stanford tokenizer 3.4.1 (Penn Treebank style), as sticky patterns. Written from what
 * that program prints for many inputs, not from its source; `docs/metrics.md` says how closely they agree. What may hold
 * punctuation has a greatest length, so that text without spaces is read in linear time.
 */

const WORD = '[\\p{L}\\p{M}\\p{Nd}]+';
const APOSTROPHE = "(?:['’]|&apos;)";
/** A word, or one after an elided article: the `o'lantern` of `jack-o'lantern`. */
const PART = `(?:[dlo]${APOSTROPHE}(?=\\p{L}{2}))?${WORD}`;
/** Not the ending of `it's`, `SHE'LL`. */
const NO_ENDING = '(?!(?:[SsMmDd]|[Ll][Ll]|[Rr][Ee]|[Vv][Ee])(?!\\p{L}))';
const ALTERNATIVE = '[a-z\\d]+(?:-[a-z]+)*';

const anyCase = (source: string) => new RegExp(source, 'iuy');
const asWritten = (source: string) => new RegExp(source, 'uy');

/** A run of letters and digits: the rule that abbreviations, `n't` and `cannot` refine. */
export const WORD_RULE = anyCase(WORD);

/** Words that keep a full stop before a comma, colon or semicolon: `dog.com`, `t-shirt`. */
export const COMPOUND_RULES: readonly RegExp[] = [
  anyCase('[a-z][\\p{L}\\d]*(?:\\.[a-z][\\p{L}\\d]*)+'),
  anyCase(`${PART}(?:[-_‐‑]${PART})+`),
];

/** Each matches one token; where several match, the longest counts. What is only looked ahead at does not. */
export const OTHER_RULES: readonly RegExp[] = [
  // 5.5-inch, U.S.-based, cap,t-shirt; non-U.S.
  anyCase(`[a-z\\d][a-z\\d.,]{0,99}(?:[-‐‑]${WORD})+`),
  anyCase(`(?:${WORD}\\.?-)+(?:[a-z]\\.){2,}`),
  // o'clock, d'oeuvre, n'est; B'day; De'Andre, ma'am; c'mon; anti- and
  anyCase(`[dlo]${APOSTROPHE}(?:\\p{L}[\\p{L}\\p{Nd}]|\\p{Nd}\\p{L})[\\p{L}\\p{Nd}]*`),
  anyCase(`n${APOSTROPHE}\\p{L}{2,}`),
  asWritten(`[A-HJ-XZ]${APOSTROPHE}${NO_ENDING}\\p{L}{2,}`),
  anyCase(`\\p{L}+[aeiouy]${APOSTROPHE}[aeiou]\\p{L}*`),
  asWritten(`\\p{L}+[aeiouyAEIOUY]${APOSTROPHE}${NO_ENDING}[A-Z]\\p{L}*`),
  anyCase(`(?:c'mon|e'er|li'l|ev'ry|nat'l|cap'n)|(?:ol|dunkin)${APOSTROPHE}|(?:anti|pro)-`),
  // 1,000.5  5:30  -5  .5
  anyCase('[-+]?(?:\\d+(?:[.,:]\\d+)*|(?:[.,:]\\d+)+)'),
  // 1/2  1 1/2
  anyCase('(?:\\d{1,4}[- \\u00a0])?\\d{1,4}/\\d{1,4}'),
  // (555) 555-1234
  anyCase(
    '(?:\\(\\d{2,3}\\)[ \\u00a0]?|(?:\\+\\d{1,2}[-. \\u00a0])?\\d{2,4}[-. \\u00a0])\\d{3,4}[-. \\u00a0]\\d{3,5}',
  ),
  // and/or, 12/25/2012
  anyCase(`${ALTERNATIVE}(?:/${ALTERNATIVE}){1,2}`),
  // U.S.
  anyCase('[a-z](?:\\.[a-z])+\\.'),
  // Yahoo!Mail
  anyCase('[a-z]+(?:[!?][a-z]+)+'),
  // AT&T
  asWritten('[A-Z]+(?:(?:[&+]|&amp;)[A-Z]+)+'),
  // addresses
  anyCase(
    '(?:https?://|www\\.)[^\\s<>|(){}"/]*[^\\s<>|(){}"/.,!?:;\'-](?:/[^\\s<>|(){}"]+(?<![.,!?:;\'-]))?',
  ),
  anyCase('[a-z\\d][^\\s<>|(){}"@]{0,63}@(?:[^\\s<>|(){}".@]+\\.)*[^\\s<>|(){}".@]+'),
  anyCase('@[a-z_]\\w*|#[a-z]+'),
  // markup
  anyCase('</?[a-z][\\w.:-]*(?:\\s[^<>]*)?/?>|<[!?][^<>]*>|&(?:amp|lt|gt|quot|apos|nbsp|mdash);'),
  asWritten('[A-Z]{1,3}\\$'),
  anyCase('c\\+\\+|[cf]#'),
  // faces
  asWritten("[:;=]['-]?[()DPp|@\\]](?![\\p{L}\\p{N}])|:3(?!\\d)|\\^_\\^"),
  // endings, and words without their beginning
  anyCase(`${APOSTROPHE}(?:(?:s|m|d|ll|re|ve)(?!\\p{L})|em|till?|cause|n${APOSTROPHE}|n(?=\\s|$)|\\d\\ds)`),
  anyCase(`${APOSTROPHE}\\d\\d(?=\\s|$)`),
  anyCase(`n${APOSTROPHE}t`),
  anyCase("'t(?=is|was)"),
  anyCase(`[dl]${APOSTROPHE}|[yj]${APOSTROPHE}(?=\\p{L})`),
  // marks in a row
  anyCase("[!?]+|-{5,}|---?|\\.{3,4}|\\*+|_+|@+|#+|<<?|>>?|['’]{2}|[`‘]{2}"),
];
