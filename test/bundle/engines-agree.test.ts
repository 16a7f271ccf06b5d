import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle, readBundleWeights } from '../../src/bundle/index.js';
import { encode } from '../../src/captioner/onnx-encoder.js';
import { OnnxStepper } from '../../src/captioner/onnx-stepper.js';
import { openSessions } from '../../src/captioner/sessions.js';
import { stateNames } from '../../src/decoder/configuration.js';
import { TensorFlowStepper } from '../../src/decoder/tensorflow-stepper.js';
import { normalisePixels } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import type { DecoderStepper } from '../../src/search/index.js';
import { tf } from '../../src/tensorflow.js';
import { START } from '../../src/text/index.js';
import { CaptionModel } from '../../src/training/caption-model.js';
import { largestDifference } from '../support/onnx-run.js';
import { TINY_TAGS, TINY_VOCABULARY, writeTinyBundle } from '../support/tiny-bundle.js';

const TOLERANCE = 1e-5;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));

const combinations = (['simpleRnn', 'lstm', 'gru'] as const).flatMap((cell) =>
  (['additive', 'none'] as const).flatMap((attention) =>
    (['state', 'firstToken', 'everyStep'] as const).map((inject) => ({
      cell,
      attention,
      inject,
      layers: 2,
      tags: 0,
    })),
  ),
);

/** Two images, one caption each; then two captions of the one and two of the other, a row chosen twice. */
async function stepTwice<Images, State>(stepper: DecoderStepper<Images, State>, images: Images) {
  const first = await stepper.step(Int32Array.of(START, START), stepper.start(images));
  const rows = stepper.select(first.state, Int32Array.of(0, 0, 1, 1));
  const second = await stepper.step(Int32Array.of(5, 9, 9, 17), rows);
  return [...first.logProbabilities, ...second.logProbabilities, ...(second.attention ?? [])];
}

describe('a model captions in ONNX Runtime as it was trained in TensorFlow', () => {
  it.each([
    ...combinations.map((configuration) => ({ precision: 'fp32', ...configuration }) as const),
    { precision: 'fp16', cell: 'lstm', attention: 'additive', inject: 'state', layers: 1, tags: 0 } as const,
    { precision: 'fp32', cell: 'lstm', attention: 'additive', inject: 'state', layers: 1, tags: 2 } as const,
  ])(
    '$precision $cell, attention $attention, inject $inject, tags $tags',
    async ({ precision, ...configuration }) => {
      const directory = join(folder, Object.values(configuration).join('-'), precision);
      const tagged = configuration.tags > 0 ? { tags: TINY_TAGS } : {};
      await writeTinyBundle(directory, { configuration, precision, ...tagged });
      const bundle = await loadBundle(directory);
      const { decoder: resolved } = bundle.manifest.configuration;
      const random = new Random(4);
      const images = [0, 1].map(() => Uint8Array.from({ length: 32 * 32 * 3 }, () => random.integer(256)));

      const sessions = await openSessions(bundle);
      const names = stateNames(resolved);
      const encoded = await encode(sessions.encoder, images, { height: 32, width: 32 }, names);
      const options = { vocabularySize: TINY_VOCABULARY.size, stateNames: names, attention: true };
      const captioned = await stepTwice(new OnnxStepper(sessions.decoder, options), encoded);

      // The weights as the bundle stores them: so fp16 differs no more than fp32.
      const { encoder, decoder } = await readBundleWeights(bundle);
      const pixels = tf.tensor4d(
        images.flatMap((image) => [...image]),
        [2, 32, 32, 3],
      );
      const model = new CaptionModel({
        configuration: resolved,
        vocabulary: bundle.vocabulary,
        encoder,
        decoder,
        tags: bundle.tags,
      });
      const seen = model.see(model.features(normalisePixels(encoder, pixels)));
      const trained = await stepTwice(new TensorFlowStepper(resolved, model.decoder), seen);
      expect(largestDifference(captioned, trained)).toBeLessThan(TOLERANCE);
    },
  );
});
