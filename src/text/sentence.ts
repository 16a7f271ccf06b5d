/** Words written back as a sentence: `a man 's hat` -> `A man's hat.` No words give an empty string. */
export function sentence(words: readonly string[]): string {
  if (words.length === 0) return '';
  const text = words.join(' ').replace(/ (?=n't(?: |$)|'(?:s|re|ve|ll|d|m)(?: |$))/g, '');
  const capital = String.fromCodePoint(text.codePointAt(0) ?? 0);
  return `${capital.toLocaleUpperCase()}${text.slice(capital.length)}.`;
}
