import type { Writing } from './writing.js';

/** Times that a word must be seen inside a sentence for its capitals to count. */
const LEAST = 3;

/**
 * How words are mostly written that are mostly not in lower case: `japan` -> `Japan`, `tv` -> `TV`, German nouns. Counted
 * inside captions only, since the first word has its capital from where it stands, and not in captions all of whose words
 * have capitals.
 */
export function writtenForms(
  captions: Iterable<string>,
  words: readonly string[],
  writing: Writing,
): Map<string, string> {
  const known = new Set(words);
  const counts = new Map<string, Map<string, number>>();
  for (const caption of captions) {
    const written = writing.withCapitals(caption).slice(1);
    const lower = writing.tokenise(caption).slice(1);
    if (written.length === 0 || written.every((word, index) => word !== lower[index])) continue;
    written.forEach((form, index) => {
      const word = lower[index] as string;
      if (!known.has(word)) return;
      const forms = counts.get(word) ?? new Map<string, number>();
      counts.set(word, forms.set(form, (forms.get(form) ?? 0) + 1));
    });
  }
  const usual = new Map<string, string>();
  for (const word of words) {
    const forms = [...(counts.get(word) ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const total = forms.reduce((sum, [, count]) => sum + count, 0);
    const [form, count] = forms[0] ?? [word, 0];
    if (form !== word && count >= LEAST && count > total / 2) usual.set(word, form);
  }
  return usual;
}
