/**
 * A caption's words in lower case, without punctuation: `"The man's T-shirt."` -> `the man 's t-shirt`.
 *
 * Hyphens and apostrophes inside a word stay; a possessive or contracted ending (`'s`, `n't`, …) becomes a token of its own,
 * as the Penn Treebank does, so that captions written `man 's` and `man's` agree.
 */
export function tokenise(caption: string): string[] {
  const text = caption
    .normalize('NFC')
    .toLowerCase()
    .replace(/[‘’ʼ`]/g, "'");
  const tokens: string[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const ending = CLITIC.exec(word);
    if (ending !== null && ending.index > 0) tokens.push(word.slice(0, ending.index), ending[0]);
    else tokens.push(word);
  }
  return tokens;
}

/** Letters and digits with inner hyphens, apostrophes, or a decimal point between digits; or an ending by itself. */
const WORD =
  /[\p{L}\p{N}\p{M}]+(?:(?:['-]|(?<=\p{N})[.,](?=\p{N}))[\p{L}\p{N}\p{M}]+)*|(?<=^|\s)'(?:s|re|ve|ll|d|m)(?=\s|$)/gu;
const CLITIC = /(?:n't|'(?:s|re|ve|ll|d|m))$/;
