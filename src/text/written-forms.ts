import type { Writing } from './writing.js';

/** Times that a word must be seen inside a sentence for its capitals to count. */
const LEAST = 5;

/**
 * How words are mostly written that are mostly not in lower case: `japan` -> `Japan`, `tv` -> `TV`, German nouns; and pairs
 * of words that are so only together: `new york` -> `New York`. Counted inside captions only, since the first word has its
 * capital from where it stands, and not in captions all of whose words have capitals.
 */
export function writtenForms(
  captions: Iterable<string>,
  words: readonly string[],
  writing: Writing,
): Map<string, string> {
  if (writing.unit === 'characters') return new Map();
  const known = new Set(words);
  const ofWords = new FormCounts();
  const ofPairs = new FormCounts();
  for (const caption of captions) {
    const lower = writing.tokenise(caption).slice(1);
    const written = writing.withCapitals(caption).slice(1);
    if (written.length !== lower.length || written.every((form, index) => form !== lower[index])) continue;
    written.forEach((form, index) => {
      const word = lower[index] as string;
      if (!known.has(word)) return;
      ofWords.add(word, form);
      const next = lower[index + 1];
      if (next !== undefined && known.has(next))
        ofPairs.add(`${word} ${next}`, `${form} ${written[index + 1]}`);
    });
  }
  const forms = ofWords.usual();
  for (const [pair, form] of ofPairs.usual()) {
    const alone = pair.split(' ').map((word) => forms.get(word) ?? word);
    const [first = '', second = ''] = form.split(' ');
    const isName = pair.split(' ').every((word, index) => [first, second][index] !== word);
    if (isName && alone.join(' ') !== form) forms.set(pair, form);
  }
  return forms;
}

/** Words as they are written. @param forms as `writtenForms` gives them. */
export function asWritten(words: readonly string[], forms: ReadonlyMap<string, string>): string[] {
  const written = words.map((word) => forms.get(word) ?? word);
  for (let index = 0; index + 1 < words.length; index++) {
    const pair = forms.get(`${words[index]} ${words[index + 1]}`);
    if (pair !== undefined) written.splice(index, 2, ...pair.split(' '));
  }
  return written;
}

/** How often each of the forms of a text was seen. */
class FormCounts {
  private readonly counts = new Map<string, Map<string, number>>();

  add(text: string, form: string): void {
    const forms = this.counts.get(text) ?? new Map<string, number>();
    this.counts.set(text, forms.set(form, (forms.get(form) ?? 0) + 1));
  }

  /** The form that more than half have, where it is not the text itself, by alphabet. */
  usual(): Map<string, string> {
    const usual: [string, string][] = [];
    for (const [text, forms] of this.counts) {
      let total = 0;
      for (const count of forms.values()) total += count;
      for (const [form, count] of forms)
        if (form !== text && count >= LEAST && count > total / 2) usual.push([text, form]);
    }
    return new Map(usual.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
