/** Words written back as a sentence: `a man 's hat` -> `A man's hat.` No words give an empty string. */
export function sentence(words: readonly string[]): string {
  if (words.length === 0) return '';
  const text = words.join(' ').replace(/ (?=n't(?: |$)|'(?:s|re|ve|ll|d|m)(?: |$))/g, '');
  const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const capital = first.toUpperCase();
  // A letter such as ß, whose capital is another word when read again, stays small.
  return `${capital.toLowerCase() === first ? capital : first}${text.slice(first.length)}.`;
}
