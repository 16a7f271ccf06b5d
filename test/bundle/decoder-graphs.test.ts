import { describe, expect, it } from 'vitest';
import { writeDecoderGraph } from '../../src/bundle/decoder-graph.js';
import { writeEncoderGraph } from '../../src/bundle/encoder-graph.js';
import { decoderConfigurationSchema, stateNames } from '../../src/decoder/configuration.js';
import type { EncoderNetwork, Layer } from '../../src/encoder/network.js';
import { Random } from '../../src/random.js';
import { float32, int32, largestDifference, openModel, uint8 } from '../support/onnx-run.js';
import { ReferenceDecoder } from '../support/reference-decoder.js';
import { randomDecoder } from '../support/tiny-bundle.js';

const TOLERANCE = 2e-6;
const IMAGES = 2;
const CAPTIONS = 3;
const WORDS = 11;
const D = 5;

const grid: Layer = { kind: 'activation', name: 'feature', input: 'pixels', activation: 'linear' };
const vector: Layer = { kind: 'flatten', name: 'feature', input: 'pixels' };

/** An encoder that hands on its 2x3 pixels: what remains of encoder.onnx is the decoder's part. */
function passThrough(layer: Layer): EncoderNetwork {
  const input = { height: 2, width: 3, mean: 100, deviation: 60 };
  return { name: 'none', input, layers: [layer], feature: 'feature', weights: new Map() };
}

const combinations = (['simpleRnn', 'lstm', 'gru'] as const).flatMap((cell) =>
  (['additive', 'none'] as const).flatMap((attention) =>
    (['state', 'firstToken', 'everyStep'] as const).flatMap((inject) =>
      [true, false].flatMap((tieEmbedding) =>
        [1, 2].map((layers) => ({ cell, attention, inject, tieEmbedding, layers })),
      ),
    ),
  ),
);

describe('both graphs of a bundle compute the equations, step after step', () => {
  it.each(combinations)(
    '$cell, attention $attention, inject $inject, tied $tieEmbedding, $layers layers',
    (options) => compare(options, grid, { gridCells: 6, channels: 3 }),
  );

  it('with an encoder that gives one vector', () => compare({}, vector, { gridCells: 1, channels: 18 }));
});

async function compare(
  options: Readonly<Record<string, unknown>>,
  layer: Layer,
  sizes: { gridCells: number; channels: number },
): Promise<void> {
  const random = new Random(7);
  const configuration = decoderConfigurationSchema.parse({
    ...{ hidden: D, embedding: 4, attentionUnits: 3 },
    ...options,
  });
  const weights = randomDecoder(configuration, { ...sizes, vocabulary: WORDS }, random);
  const reference = new ReferenceDecoder(configuration, weights);
  const attends = configuration.attention === 'additive';
  const names = stateNames(configuration);

  const pixels = Uint8Array.from({ length: IMAGES * 18 }, () => random.integer(256));
  const network = passThrough(layer);
  const encoder = await openModel(writeEncoderGraph(network, configuration, weights, { precision: 'fp32' }));
  const encoded = await encoder.run({ pixels: uint8(pixels, IMAGES, 2, 3, 3) });
  const images = Array.from({ length: IMAGES }, (_, image) =>
    reference.encode(
      Array.from({ length: sizes.gridCells }, (_, cell) => {
        const start = image * 18 + cell * sizes.channels;
        return [...pixels.subarray(start, start + sizes.channels)].map((pixel) => (pixel - 100) / 60);
      }),
    ),
  );
  const memory = images.flatMap((image) => (attends ? image.memory.flat() : image.mean));
  expect(largestDifference(encoded.memory!.values, memory)).toBeLessThan(TOLERANCE);
  expect(encoded.memory!.shape).toEqual([IMAGES, attends ? sizes.gridCells : 1, D]);
  const keys = images.flatMap((image) => image.keys.flat());
  expect(largestDifference(encoded.keys?.values ?? [], keys)).toBeLessThan(TOLERANCE);
  for (const [index, name] of names.entries()) {
    const states = images.flatMap((image) => image.states[index]!);
    expect(largestDifference(encoded[name]!.values, states), name).toBeLessThan(TOLERANCE);
  }

  const decoder = await openModel(
    writeDecoderGraph(configuration, { ...sizes, vocabulary: WORDS }, weights, { precision: 'fp32' }),
  );
  // Each caption begins in a state of its own, so that mixed-up rows show.
  let rows = images.flatMap((image) =>
    Array.from({ length: CAPTIONS }, (_, caption) => ({
      image,
      states: image.states.map((state) => state.map((value) => value + caption / 4)),
    })),
  );
  let given = names.map((_, index) => rows.flatMap((row) => row.states[index]!));
  for (let step = 0; step < 2; step++) {
    const tokens = rows.map(() => random.integer(WORDS));
    const feeds = {
      tokens: int32(tokens, IMAGES, CAPTIONS),
      memory: float32(encoded.memory!.values, ...encoded.memory!.shape),
      ...(encoded.keys ? { keys: float32(encoded.keys.values, ...encoded.keys.shape) } : {}),
      ...Object.fromEntries(names.map((name, index) => [name, float32(given[index]!, IMAGES, CAPTIONS, D)])),
    };
    const outputs = await decoder.run(feeds);
    const expected = rows.map((row, index) => reference.step(tokens[index]!, row.image, row.states));
    const logProbabilities = expected.flatMap((row) => row.logProbabilities);
    expect(largestDifference(outputs.logProbabilities!.values, logProbabilities)).toBeLessThan(TOLERANCE);
    expect(outputs.logProbabilities!.shape).toEqual([IMAGES * CAPTIONS, WORDS]);
    for (const [index, name] of names.entries()) {
      const next = outputs[`next_${name}`]!;
      expect(next.shape).toEqual([IMAGES, CAPTIONS, D]);
      expect(
        largestDifference(
          next.values,
          expected.flatMap((row) => row.states[index]!),
        ),
      ).toBeLessThan(TOLERANCE);
    }
    if (attends) {
      const attention = expected.flatMap((row) => row.attention!);
      expect(largestDifference(outputs.attention!.values, attention)).toBeLessThan(TOLERANCE);
      expect(outputs.attention!.shape).toEqual([IMAGES, CAPTIONS, sizes.gridCells]);
    }
    rows = rows.map((row, index) => ({ ...row, states: expected[index]!.states.map((state) => [...state]) }));
    given = names.map((name) => [...outputs[`next_${name}`]!.values]);
  }
}
