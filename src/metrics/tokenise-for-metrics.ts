import { factsOf, Writing } from '../text/index.js';
import {
  ABBREVIATIONS,
  CASED_ABBREVIATIONS,
  NUMBER_ABBREVIATIONS,
  SENTENCE_STARTS,
  SPLIT_WORDS,
} from './treebank-abbreviations.js';
import { COMPOUND_RULES, OTHER_RULES, WORD_RULE } from './treebank-rules.js';
import { writeToken } from './treebank-writing.js';

/** What pycocoevalcap drops from the tokens. Its list also names `-LRB-` and such, but by then they are in lower case. */
const PUNCTUATION = new Set(["''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);

/** A word that nothing can join: most of most captions. */
const PLAIN_WORD = /[a-z]{2,}(?=,?(?: |$))/iy;

/**
 * A caption's tokens as the COCO caption evaluation counts them: those of the Stanford tokenizer 3.4.1, in lower case,
 * punctuation dropped. `The U.S. team isn't 5'6".` -> `the u.s. team is n't 5 6`.
 *
 * Meant for scores that agree with published ones; models read the tokens of `text/writing.ts`, and so do the metrics of a
 * language without spaces between words.
 */
export function tokeniseForMetrics(text: string, language = 'en'): string[] {
  if (!factsOf(language).spaces) return writingOf(language).tokenise(text);
  const tokens: string[] = [];
  const source = text.replaceAll('\u00ad', '');
  let position = 0;
  while (position < source.length) {
    const plain = matchAt(PLAIN_WORD, source, position);
    const token = plain ?? longestToken(source, position);
    position += token.length;
    if (token.trim() === '') continue;
    const written = SPLIT_WORDS.get(token.toLowerCase()) ?? [
      plain === undefined ? writeToken(token) : token.toLowerCase(),
    ];
    for (const word of written) if (word !== '' && !PUNCTUATION.has(word)) tokens.push(word);
  }
  return tokens;
}

/** Made once: a segmenter takes longer to make than a caption to take apart. */
const writings = new Map<string, Writing>();

function writingOf(language: string): Writing {
  const writing = writings.get(language) ?? new Writing({ language });
  writings.set(language, writing);
  return writing;
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

/** The token, space or stray character that begins at `position`; never empty. */
function longestToken(text: string, position: number): string {
  const word = matchAt(WORD_RULE, text, position) ?? '';
  let longest = word;
  for (const rule of COMPOUND_RULES) {
    const token = matchAt(rule, text, position) ?? '';
    if (token.length > longest.length) longest = token;
  }
  const end = position + longest.length;
  if (longest !== '' && /^\.[,:;]/.test(text.slice(end, end + 2))) longest += '.';
  else if (longest === word && word !== '') longest = refineWord(word, text, position + word.length);
  for (const rule of OTHER_RULES) {
    const token = matchAt(rule, text, position) ?? '';
    if (token.length > longest.length) longest = token;
  }
  return longest === '' ? String.fromCodePoint(text.codePointAt(position)!) : longest;
}

/** The word with the full stop of an abbreviation, or without the n of `n't`. */
function refineWord(word: string, text: string, end: number): string {
  if (/^[a-z]*[a-mo-z]n$/i.test(word) && /^(?:['’]|&apos;)t/i.test(text.slice(end, end + 7)))
    return word.slice(0, -1);
  if (text[end] !== '.') return word;
  const lowerCase = word.toLowerCase();
  const abbreviated =
    (/^[a-z]$/.test(lowerCase) && !endsSentence(text, end)) ||
    ABBREVIATIONS.has(lowerCase) ||
    CASED_ABBREVIATIONS.has(word) ||
    (NUMBER_ABBREVIATIONS.has(lowerCase) && /^\.\s?\d/.test(text.slice(end, end + 4)));
  return abbreviated ? `${word}.` : word;
}

/**
 * Whether the full stop at `end`, after a single letter, ends a sentence: at the caption's end (there the Stanford
 * tokenizer reads on into the next caption, which nearly always begins like a sentence) or before a word that begins one.
 */
function endsSentence(text: string, end: number): boolean {
  const next = /^\.(?:\s*$|[ \u00a0]+([A-Z](?:[a-z]*|[A-Z]*))\s)/.exec(text.slice(end, end + 20));
  if (next === null) return false;
  return next[1] === undefined || SENTENCE_STARTS.has(next[1].toLowerCase());
}
