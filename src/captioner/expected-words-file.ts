import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, broken } from '../bundle/load-bundle.js';
import { LegendaError } from '../errors.js';
import { SPECIAL_TOKENS } from '../text/index.js';
import { parseSafetensors, type StoredTensor, safetensors } from '../weights-file.js';
import { EXPECTED_WORDS, type ExpectedWordsModel } from './expected-words.js';

/** The content of the file that {@link readExpectedWords} reads. */
export function expectedWordsContent(model: ExpectedWordsModel): Uint8Array {
  const { directions, weights, ...vectors } = model;
  const [words, width, rank] = [model.words.length, model.mean.length, model.directionScale.length];
  const tensors = Object.entries(vectors).map(
    ([name, values]) => [name, { shape: [values.length], values }] as const,
  );
  return Buffer.concat(
    safetensors(
      new Map<string, StoredTensor>([
        ...tensors,
        ['directions', { shape: [rank, width], values: directions }],
        ['weights', { shape: [words, rank], values: weights }],
      ]),
    ),
  );
}

/** The words to expect of pictures; undefined if the bundle does not say. @throws `BUNDLE_BROKEN` naming the file. */
export async function readExpectedWords({
  directory,
  manifest,
  vocabulary,
}: Bundle): Promise<ExpectedWordsModel | undefined> {
  const { hidden } = manifest.configuration.decoder;
  const expected = `what legenda calibrate writes for a model of ${hidden} units and ${vocabulary.size} words`;
  if (!(EXPECTED_WORDS in manifest.files)) {
    if ((manifest.search.expectedWords ?? 0) === 0) return undefined;
    throw broken(directory, EXPECTED_WORDS, { expected, received: 'no such file' });
  }
  try {
    const tensors = parseSafetensors(await readFile(join(directory, EXPECTED_WORDS)));
    const [words = 0] = tensors.get('words')?.shape ?? [];
    if (!tensors.has('directions')) throw outdated(directory);
    const [rank = 0, width = 0] = tensors.get('directions')?.shape ?? [];
    const take = taker(tensors);
    const model = {
      mean: take('mean', Float32Array, [width]),
      deviation: take('deviation', Float32Array, [width]),
      rarity: take('rarity', Float32Array, [vocabulary.size]),
      words: take('words', Int32Array, [words]),
      base: take('base', Float32Array, [words]),
      directions: take('directions', Int8Array, [rank, width]),
      directionScale: take('directionScale', Float32Array, [rank]),
      weights: take('weights', Int8Array, [words, rank]),
      scale: take('scale', Float32Array, [words]),
    };
    requireSense(model);
    return model;
  } catch (cause) {
    if (cause instanceof LegendaError) throw cause;
    throw broken(directory, EXPECTED_WORDS, { expected, received: (cause as Error).message, cause });
  }
}

/** Before the classifier told them, too, the words to expect were stored in another form. */
function outdated(directory: string): LegendaError {
  return new LegendaError('BUNDLE_VERSION', {
    expected: 'words to expect as this version of Legenda learns them',
    received: `${join(directory, EXPECTED_WORDS)} of an earlier one`,
    advice: 'calibrate the model again with legenda calibrate',
  });
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
function requireSense({
  words,
  deviation,
  mean,
  rarity,
  base,
  scale,
  directionScale,
}: ExpectedWordsModel): void {
  const known = (token: number) => token >= SPECIAL_TOKENS.length && token < rarity.length;
  if (!words.every(known)) throw new Error('a word that is not in the vocabulary');
  if (!deviation.every((value) => value > 0)) throw new Error('a deviation that is not above 0');
  const all = [mean, deviation, rarity, base, scale, directionScale];
  if (!all.every((values) => values.every(Number.isFinite))) throw new Error('a value that is not finite');
}
