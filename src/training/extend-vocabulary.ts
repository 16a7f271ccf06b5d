import type { DecoderConfiguration } from '../decoder/configuration.js';
import { END, START, UNKNOWN, type Vocabulary } from '../text/index.js';
import type { WeightArray, Weights } from '../weights.js';

/** A decoder's words with their weights. */
export interface Words {
  readonly configuration: Pick<DecoderConfiguration, 'tieEmbedding'>;
  readonly vocabulary: Vocabulary;
  readonly decoder: Weights;
}

/**
 * The weights of a decoder whose vocabulary has got more words. A new word begins as the mean of the known words that
 * stand where it stands, between the same neighbours, each counted as often as it does; one that stands where none does
 * begins as the unknown word. Its bias is theirs, moved by how much rarer or more frequent it is: `b + log(n / n_known)`.
 * @param vocabulary the old words first.
 * @param captions each as its words; what the new words are learnt from.
 */
export function extendVocabulary(
  { configuration, vocabulary: old, decoder }: Words,
  vocabulary: Vocabulary,
  captions: readonly (readonly string[])[],
): Weights {
  const counts = countTokens(captions, vocabulary);
  const alike = wordsAlike(captions, vocabulary, old.size);
  const extended = new Map(decoder);
  const rows = (name: string, move: (word: number, like: number) => number) => {
    const weight = decoder.get(name);
    if (weight !== undefined) extended.set(name, withRows(weight, vocabulary.size, alike, move));
  };
  rows('embedding', () => 0);
  rows('words.bias', (word, like) =>
    Math.log((counts[word] as number) / Math.max(counts[like] as number, 1)),
  );
  if (!configuration.tieEmbedding) {
    const weight = decoder.get('words.kernel');
    if (weight !== undefined) {
      const grown = withRows(transposed(weight), vocabulary.size, alike, () => 0);
      extended.set('words.kernel', transposed(grown));
    }
  }
  return extended;
}

function countTokens(captions: readonly (readonly string[])[], vocabulary: Vocabulary): Float64Array {
  const counts = new Float64Array(vocabulary.size);
  for (const words of captions) for (const word of words) counts[vocabulary.numberOf(word)]!++;
  return counts;
}

/**
 * For each new word the known ones that stand between the same neighbours, with how often.
 * @param known words from this number on are new.
 */
function wordsAlike(
  captions: readonly (readonly string[])[],
  vocabulary: Vocabulary,
  known: number,
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const places = new Map<number, { known: Map<number, number>; added: Map<number, number> }>();
  for (const words of captions) {
    const tokens = [START, ...words.map((word) => vocabulary.numberOf(word)), END];
    for (let i = 1; i < tokens.length - 1; i++) {
      const token = tokens[i] as number;
      if (token === UNKNOWN) continue;
      const key = (tokens[i - 1] as number) * vocabulary.size + (tokens[i + 1] as number);
      const place = places.get(key) ?? { known: new Map(), added: new Map() };
      places.set(key, place);
      increase(token < known ? place.known : place.added, token, 1);
    }
  }
  const alike = new Map<number, Map<number, number>>();
  for (const place of places.values()) {
    for (const [word, times] of place.added) {
      const likes = alike.get(word) ?? new Map<number, number>();
      alike.set(word, likes);
      for (const [like, count] of place.known) increase(likes, like, times * count);
    }
  }
  return alike;
}

function increase(counts: Map<number, number>, token: number, by: number): void {
  counts.set(token, (counts.get(token) ?? 0) + by);
}

/** A weight `[V, …]` with rows for more words, each the mean of those of the words like it. */
function withRows(
  { shape, values }: WeightArray,
  size: number,
  alike: ReadonlyMap<number, ReadonlyMap<number, number>>,
  move: (word: number, like: number) => number,
): WeightArray {
  const [known = 0, ...rest] = shape;
  const width = values.length / known;
  const grown = new Float32Array(size * width);
  grown.set(values);
  for (let word = known; word < size; word++) {
    const likes = alike.get(word) ?? NO_WORDS;
    const likely = likes.size > 0 ? likes : UNKNOWN_ALONE;
    let total = 0;
    for (const weight of likely.values()) total += weight;
    for (const [like, weight] of likely) {
      const moved = move(word, like);
      for (let i = 0; i < width; i++) {
        grown[word * width + i]! += (weight / total) * ((values[like * width + i] as number) + moved);
      }
    }
  }
  return { shape: [size, ...rest], values: grown };
}

const NO_WORDS: ReadonlyMap<number, number> = new Map();
const UNKNOWN_ALONE: ReadonlyMap<number, number> = new Map([[UNKNOWN, 1]]);

function transposed({ shape, values }: WeightArray): WeightArray {
  const [rows = 0, columns = 0] = shape;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column] as number;
  return { shape: [columns, rows], values: turned };
}
