import { IMAGENET_CLASSES } from './imagenet-classes.js';
import type { TagMap } from './tag-map.js';
import { TAG_WORDS } from './words.js';

interface TagWord {
  /** The word itself first. */
  readonly forms: readonly string[];
  /** Those of the forms that say in a caption that the thing is there. */
  readonly telling: readonly string[];
  readonly broader: string | undefined;
}

/** Two words that together mean something else than each alone, and the tag they do mean, if there is one. */
const PHRASES: ReadonlyMap<string, string | undefined> = new Map([
  ['baseball cap', 'cap'],
  ['bathing suit', 'swimsuit'],
  ['bow tie', 'tie'],
  ['bus stop', undefined],
  ['chain link', 'fence'],
  ['coffee table', 'table'],
  ['corn dog', 'hotdog'],
  ['fire engine', 'firetruck'],
  ['fire truck', 'firetruck'],
  ['glass window', 'window'],
  ['hot dog', 'hotdog'],
  ['hot dogs', 'hotdog'],
  ['ice cream', 'cream'],
  ['jet ski', undefined],
  ['light house', 'lighthouse'],
  ['pool table', 'pool'],
  ['sea lion', 'seal'],
  ['sea lions', 'seal'],
  ['stop light', 'traffic'],
  ['swim suit', 'swimsuit'],
  ['swimming pool', undefined],
  ['teddy bear', 'teddy'],
  ['teddy bears', 'teddy'],
  ['tennis shoes', 'shoes'],
  ['traffic light', 'traffic'],
  ['traffic lights', 'traffic'],
  ['train station', undefined],
  ['train track', undefined],
  ['train tracks', undefined],
  ['wet suit', undefined],
]);

const words = new Map(lines(TAG_WORDS).map((line) => parseWord(line)));
const classWords = lines(IMAGENET_CLASSES).map((line) => {
  const word = line.slice(line.lastIndexOf(' ') + 1);
  return word === '-' ? undefined : word;
});
const wordOfForm = new Map(
  [...words].flatMap(([word, { telling }]) => telling.map((form) => [form, word] as const)),
);

/** A caption is written word by word, and so a tag is a single one; people say some of them in two. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['cream', 'ice cream'],
  ['firetruck', 'fire truck'],
  ['hotdog', 'hot dog'],
  ['teddy', 'teddy bear'],
  ['traffic', 'traffic light'],
]);

/** A tag as people call it. */
export function tagLabel(word: string): string {
  return LABELS.get(word) ?? word;
}

/** Every word that a tag can be. */
export const tagWords: readonly string[] = [...words.keys()];

/** The word for a class of ILSVRC2012, tench being 0; none where no plain word is right. */
export function tagWordOfClass(index: number): string | undefined {
  return classWords[index];
}

/** A tag word with its plural and close synonyms, itself first: `cat`, `cats`, `kitten`, …; none for another word. */
export function formsOf(word: string): readonly string[] {
  return words.get(word)?.forms ?? [];
}

/**
 * The words for the classes of a classifier, where `hasWord` knows the word, or else one that is broader (cougar: cat).
 * @param classes 1000, or 1001 where the first is the background.
 */
export function classToTagMatrix(classes: 1000 | 1001, hasWord: (word: string) => boolean): TagMap {
  const background = classes - classWords.length;
  const found = new Map<string, number>();
  const ofClass = Int32Array.from({ length: classes }, (_, index) => {
    const word = known(tagWordOfClass(index - background), hasWord);
    if (word === undefined) return -1;
    if (!found.has(word)) found.set(word, found.size);
    return found.get(word) ?? -1;
  });
  return { words: [...found.keys()], ofClass };
}

/** The tags of what a caption says is there, in its order and once each. @param caption its words, as `tokenise` gives them. */
export function tagsInCaption(caption: readonly string[]): string[] {
  const found = new Set<string>();
  for (let index = 0; index < caption.length; index++) {
    const word = caption[index] ?? '';
    const phrase = `${word} ${caption[index + 1]}`;
    const tag = PHRASES.has(phrase) ? PHRASES.get(phrase) : wordOfForm.get(word);
    if (PHRASES.has(phrase)) index++;
    if (tag !== undefined) found.add(tag);
  }
  return [...found];
}

function known(word: string | undefined, hasWord: (word: string) => boolean): string | undefined {
  if (word === undefined || hasWord(word)) return word;
  return known(words.get(word)?.broader, hasWord);
}

function parseWord(line: string): readonly [string, TagWord] {
  const [before = '', broader] = line.split(' < ');
  const marked = before.split(' ');
  const forms = marked.map((form) => form.replace('?', ''));
  const telling = marked.filter((form) => !form.startsWith('?'));
  return [forms[0] ?? '', { forms, telling, broader }];
}

function lines(text: string): string[] {
  return text.trim().split('\n');
}
