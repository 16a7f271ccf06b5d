import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/load-bundle.js';
import { rewriteBundle } from '../../src/bundle/rewrite-bundle.js';
import {
  EXPECTED_WORDS,
  ExpectedWords,
  type ExpectedWordsModel,
} from '../../src/captioner/expected-words.js';
import { expectedWordsContent, readExpectedWords } from '../../src/captioner/expected-words-file.js';
import { loadCaptioner } from '../../src/captioner/index.js';
import { ExpectedWordsLearner } from '../../src/captioner/learn-expected-words.js';
import { Random } from '../../src/random.js';
import { safetensors } from '../../src/weights-file.js';
import { TINY_VOCABULARY, writeTinyBundle } from '../support/tiny-bundle.js';

const [A, DOG, CAT, RUNS, SITS, RARE] = [4, 5, 6, 7, 8, 9];
const WIDTH = 8;
const random = new Random(1);

/** A picture of a dog or of a cat, which its first value tells apart; the others say nothing. */
function picture(isDog: boolean): Float32Array {
  return Float32Array.from({ length: WIDTH }, (_, i) => {
    return i === 0 ? (isDog ? 1 : -1) + 0.3 * random.normal() : 5 + 2 * random.normal();
  });
}

/** The picture of a dog, or of a cat, that has most of its kind. */
const typical = (isDog: boolean) =>
  Float32Array.from({ length: WIDTH }, (_, i) => (i > 0 ? 5 : isDog ? 1 : -1));

/** "a dog runs" and "a cat sits", of `count` pictures in turn. */
function learn(count: number, vocabularySize = 12, width = WIDTH) {
  const captions = Array.from({ length: count }, (_, i) => [i % 2 === 0 ? [A, DOG, RUNS] : [A, CAT, SITS]]);
  if (count > 0) captions[0] = [[A, DOG, RARE]];
  const learner = new ExpectedWordsLearner(captions, vocabularySize, width);
  for (const [i, one] of captions.entries()) {
    const evidence = new Float32Array(width);
    evidence.set(picture(i % 2 === 0));
    learner.add(evidence, one);
  }
  return learner.learn();
}

/** How a word's expectation changes with a number of the evidence. */
function weightOf(model: ExpectedWordsModel, row: number, i: number): number {
  const { directions, directionScale, weights, scale } = model;
  const rank = directionScale.length;
  return directionScale.reduce((sum, size, r) => {
    return sum + scale[row]! * weights[row * rank + r]! * size * directions[r * WIDTH + i]!;
  }, 0);
}

describe('the words to expect of a picture', () => {
  it('are those that people say of pictures like it', () => {
    const words = new ExpectedWords(learn(400)!);
    for (const isDog of [true, false]) {
      const { fitOf } = words.of(typical(isDog));
      const [right, wrong] = isDog
        ? [
            [A, DOG, RUNS],
            [A, CAT, SITS],
          ]
        : [
            [A, CAT, SITS],
            [A, DOG, RUNS],
          ];
      expect(fitOf(right as number[])).toBeGreaterThan(0.8);
      expect(fitOf(wrong as number[])).toBeLessThan(0.2);
      expect(fitOf([A, DOG, SITS])).toBeGreaterThan(0.3);
    }
  });

  it('predict what the regression would of other pictures, however its weights are stored', () => {
    const model = learn(400)!;
    const { mean, deviation, base, words } = model;
    const image = picture(true);
    const row = words.indexOf(DOG);
    const expectation = image.reduce((sum, value, i) => {
      return sum + weightOf(model, row, i) * ((value - mean[i]!) / deviation[i]!);
    }, base[row]!);
    // A caption of one word has that word's weight alone, 1 when normalised.
    const { fitOf, shareOf } = new ExpectedWords(model).of(image);
    expect(fitOf([DOG])).toBeCloseTo(expectation, 5);
    expect(shareOf(DOG)).toBeCloseTo(expectation * model.rarity[DOG]!, 5);
    // Half of the captions have it, where it is one of two words that weigh about the same.
    expect(base[row]).toBeCloseTo(0.5 / Math.SQRT2, 1);
  });

  it('are learnt by ridge regression, from the mean over the captions of each picture', () => {
    const pictures = Array.from({ length: 60 }, (_, i) => {
      const isDog = i % 3 === 0;
      const captions = isDog
        ? [[A, DOG, RUNS], [DOG, DOG, SITS], [CAT]]
        : [
            [CAT, SITS],
            [A, RUNS],
          ];
      return { image: picture(isDog), captions };
    });
    const learner = new ExpectedWordsLearner(
      pictures.map(({ captions }) => captions),
      12,
      WIDTH,
    );
    for (const { image, captions } of pictures) learner.add(image, captions);
    const model = learner.learn()!;
    // (ZᵀZ + E / 2) w = Zᵀ(t − mean t), with Z standardised: what is left of the equation is what bytes round.
    const z = pictures.map(({ image }) => {
      return Array.from(image, (value, i) => (value - model.mean[i]!) / model.deviation[i]!);
    });
    for (const [row, token] of model.words.entries()) {
      const t = pictures.map(({ captions }) => {
        const shares = captions.map((caption) => {
          const counts = new Map<number, number>();
          for (const word of caption) counts.set(word, (counts.get(word) ?? 0) + model.rarity[word]!);
          return (counts.get(token) ?? 0) / (Math.hypot(...counts.values()) || 1);
        });
        return shares.reduce((sum, share) => sum + share, 0) / captions.length;
      });
      const mean = t.reduce((sum, value) => sum + value, 0) / t.length;
      expect(model.base[row]).toBeCloseTo(mean, 5);
      const weight = (i: number) => weightOf(model, row, i);
      const left = z.map((x) => x.reduce((sum, value, i) => sum + value * weight(i), 0));
      for (let i = 0; i < WIDTH; i++) {
        const gradient =
          z.reduce((sum, x, k) => sum + x[i]! * (t[k]! - mean - left[k]!), 0) - (WIDTH / 2) * weight(i);
        expect(Math.abs(gradient)).toBeLessThan(pictures.length * Math.max(...model.scale) * 0.5);
      }
    }
  });

  it('leave out words of fewer than a thousandth of the pictures', () => {
    const captions = Array.from({ length: 7000 }, (_, i) => [[i < 6 ? RARE : i < 14 ? RUNS : DOG]]);
    const learner = new ExpectedWordsLearner(captions, 12, 1);
    learner.add(Float32Array.of(1), [[DOG]]);
    expect([...learner.learn()!.words].sort()).toEqual([DOG, RUNS]);
  });

  it('are unknown of rare words, and of words that all pictures share', () => {
    const model = learn(400)!;
    expect([...model.words].sort()).toEqual([DOG, CAT, RUNS, SITS]);
    expect(model.rarity[A]).toBe(0);
    const { fitOf } = new ExpectedWords(model).of(typical(true));
    expect(fitOf([A])).toBe(0);
    expect(fitOf([])).toBe(0);
    // A word that nobody says of such a picture takes from the others.
    expect(fitOf([A, DOG, RARE])).toBeLessThan(fitOf([A, DOG]));
  });

  it('are hardly dared to tell by few pictures, and not at all by none', () => {
    const [few, many] = [learn(12)!, learn(400)!].map((model) => {
      const { fitOf } = new ExpectedWords(model).of(typical(true));
      return fitOf([DOG, RUNS]) - fitOf([CAT, SITS]);
    });
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(many!);
    expect(learn(0)).toBeUndefined();
    expect(learn(4)).toBeUndefined();
  });
});

describe('the file of the words to expect', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'legenda-expected-words-'));
    await writeTinyBundle(root);
  });
  afterAll(() => rm(root, { recursive: true }));

  it('comes back as it was written, and is not there before', async () => {
    const model = learn(400, TINY_VOCABULARY.size)!;
    expect(await readExpectedWords(await loadBundle(root))).toBeUndefined();
    await rewriteBundle(await loadBundle(root), { files: { [EXPECTED_WORDS]: expectedWordsContent(model) } });
    expect(await readExpectedWords(await loadBundle(root))).toEqual(model);
  });

  it('is refused by its name where it is damaged or of another model', async () => {
    const whole = await readFile(join(root, EXPECTED_WORDS));
    const model = learn(400, TINY_VOCABULARY.size)!;
    const wrong = [
      whole.subarray(0, -1),
      expectedWordsContent(learn(400, 13)!),
      expectedWordsContent({ ...model, words: model.words.map(() => TINY_VOCABULARY.size) }),
      expectedWordsContent({ ...model, deviation: model.deviation.map(() => 0) }),
      expectedWordsContent({ ...model, base: model.base.map(() => Number.NaN) }),
    ];
    // Of a decoder of as many units, but an encoder that tells other classes apart.
    wrong.push(expectedWordsContent(learn(400, TINY_VOCABULARY.size, WIDTH + 3)!));
    for (const content of wrong) {
      await rewriteBundle(await loadBundle(root), { files: { [EXPECTED_WORDS]: content } });
      await expect(loadCaptioner(root)).rejects.toMatchObject({
        code: 'BUNDLE_BROKEN',
        message: expect.stringContaining(EXPECTED_WORDS),
      });
    }
    const earlier = safetensors(new Map([['words', { shape: [1], values: Int32Array.of(DOG) }]]));
    await rewriteBundle(await loadBundle(root), { files: { [EXPECTED_WORDS]: Buffer.concat(earlier) } });
    await expect(loadCaptioner(root)).rejects.toMatchObject({
      code: 'BUNDLE_VERSION',
      message: expect.stringContaining('legenda calibrate'),
    });
    const { search } = (await loadBundle(root)).manifest;
    const changes = { files: { [EXPECTED_WORDS]: undefined }, search: { ...search, expectedWords: 4 } };
    await rewriteBundle(await loadBundle(root), changes);
    await expect(loadCaptioner(root)).rejects.toMatchObject({
      code: 'BUNDLE_BROKEN',
      message: expect.stringContaining('no such file'),
    });
  });
});
