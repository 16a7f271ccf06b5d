import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, broken } from '../bundle/load-bundle.js';
import { SPECIAL_TOKENS } from '../text/index.js';
import { parseSafetensors, type StoredTensor, safetensors } from '../weights-file.js';
import type { ExpectedWordsModel } from './expected-words.js';

/** The file of a bundle that says which words to expect of a picture. */
export const EXPECTED_WORDS = 'expected-words.safetensors';

/** The content of the file that {@link readExpectedWords} reads. */
export function expectedWordsContent(model: ExpectedWordsModel): Uint8Array {
  const { mean, deviation, rarity, words, base, scale, weights } = model;
  const vectors = { mean, deviation, rarity, words, base, scale };
  const tensors = Object.entries(vectors).map(
    ([name, values]) => [name, { shape: [values.length], values }] as const,
  );
  const matrix = ['weights', { shape: [words.length, mean.length], values: weights }] as const;
  return Buffer.concat(safetensors(new Map<string, StoredTensor>([...tensors, matrix])));
}

/** The words to expect of pictures; undefined if the bundle does not say. @throws `BUNDLE_BROKEN` naming the file. */
export async function readExpectedWords({
  directory,
  manifest,
  vocabulary,
}: Bundle): Promise<ExpectedWordsModel | undefined> {
  const { hidden: width } = manifest.configuration.decoder;
  const expected = `what legenda calibrate writes for a model of ${width} units and ${vocabulary.size} words`;
  if (!(EXPECTED_WORDS in manifest.files)) {
    if ((manifest.search.expectedWords ?? 0) === 0) return undefined;
    throw broken(directory, EXPECTED_WORDS, { expected, received: 'no such file' });
  }
  try {
    const tensors = parseSafetensors(await readFile(join(directory, EXPECTED_WORDS)));
    const [words = 0] = tensors.get('words')?.shape ?? [];
    const take = taker(tensors);
    const model = {
      mean: take('mean', Float32Array, [width]),
      deviation: take('deviation', Float32Array, [width]),
      rarity: take('rarity', Float32Array, [vocabulary.size]),
      words: take('words', Int32Array, [words]),
      base: take('base', Float32Array, [words]),
      scale: take('scale', Float32Array, [words]),
      weights: take('weights', Int8Array, [words, width]),
    };
    requireSense(model);
    return model;
  } catch (cause) {
    throw broken(directory, EXPECTED_WORDS, { expected, received: (cause as Error).message, cause });
  }
}

/** What takes a tensor by its name, of this type and shape. @throws an `Error` if it is of another. */
function taker(tensors: ReadonlyMap<string, StoredTensor>) {
  return <T extends StoredTensor['values']>(
    name: string,
    kind: new (length: number) => T,
    shape: readonly number[],
  ): T => {
    const { shape: found = [], values } = tensors.get(name) ?? {};
    if (values instanceof kind && found.join() === shape.join()) return values;
    throw new Error(`${name} of shape [${found.join(', ')}]`);
  };
}

/** @throws an `Error` for values that no fit could be computed with. */
function requireSense({ words, deviation, mean, rarity, base, scale }: ExpectedWordsModel): void {
  const known = (token: number) => token >= SPECIAL_TOKENS.length && token < rarity.length;
  if (!words.every(known)) throw new Error('a word that is not in the vocabulary');
  if (!deviation.every((value) => value > 0)) throw new Error('a deviation that is not above 0');
  const finite = [mean, deviation, rarity, base, scale].every((values) => values.every(Number.isFinite));
  if (!finite) throw new Error('a value that is not finite');
}
