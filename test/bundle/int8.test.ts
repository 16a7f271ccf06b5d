import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BundleContents,
  calibrate,
  loadBundle,
  readBundleWeights,
  writeBundle,
} from '../../src/bundle/index.js';
import { Random } from '../../src/random.js';
import type { Weights } from '../../src/weights.js';
import { everyKind } from '../support/every-kind.js';
import { float32, int32, openModel, uint8, type Values } from '../support/onnx-run.js';
import { type TinyOverrides, tinyContents } from '../support/tiny-bundle.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'int8-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Of tiny random networks, whose few weights a channel often have two large neighbours: see `pairScales`. */
const TOLERANCE = 0.15;

const random = new Random(6);
const PICTURES = Array.from({ length: 24 }, () =>
  Uint8Array.from({ length: 32 * 32 * 3 }, () => random.integer(256)),
);

async function* pictures() {
  yield* PICTURES;
}

/** The same model in fp32 and in int8. */
async function both(overrides: TinyOverrides = {}) {
  const contents = tinyContents(overrides);
  const directory = join(folder, String(Math.trunc(performance.now() * 1000)));
  await writeBundle(join(directory, 'fp32'), contents);
  const int8: BundleContents = {
    ...contents,
    precision: 'int8',
    calibration: await calibrate(contents, pictures()),
  };
  await writeBundle(join(directory, 'int8'), int8);
  return {
    contents,
    fp32: await loadBundle(join(directory, 'fp32')),
    int8: await loadBundle(join(directory, 'int8')),
  };
}

/** ‖a − b‖ / ‖a‖; 0 if both are 0. */
function relativeError(a: Values, b: Values): number {
  let error = 0;
  let square = 0;
  a.values.forEach((value, i) => {
    error += (value - b.values[i]!) ** 2;
    square += value ** 2;
  });
  return error === 0 ? 0 : Math.sqrt(error / square);
}

const combinations = (['simpleRnn', 'lstm', 'gru'] as const).flatMap((cell) =>
  (['additive', 'none'] as const).flatMap((attention) =>
    (['state', 'firstToken', 'everyStep'] as const).map((inject, index) => ({
      ...{ cell, attention, inject, layers: 1 + (index % 2), tieEmbedding: index < 2 },
    })),
  ),
);

describe('an int8 model computes nearly what the fp32 one does', () => {
  it.each(combinations)(
    '$cell, attention $attention, inject $inject, $layers layers, tied $tieEmbedding',
    (configuration) => compare({ configuration }),
  );

  it('with every kind of layer in the encoder', () => compare({ encoder: everyKind() }));
});

async function compare(overrides: TinyOverrides): Promise<void> {
  const { fp32, int8 } = await both(overrides);
  const pixels = uint8(
    Uint8Array.from(PICTURES.slice(0, 4).flatMap((picture) => [...picture])),
    4,
    32,
    32,
    3,
  );
  const seen = await (await openModel(fp32.encoderPath)).run({ pixels });
  const seenInBytes = await (await openModel(int8.encoderPath)).run({ pixels });
  for (const [name, values] of Object.entries(seen)) {
    expect(seenInBytes[name]!.shape).toEqual(values.shape);
    expect(relativeError(values, seenInBytes[name]!), name).toBeLessThan(TOLERANCE);
  }

  const decoder = await openModel(fp32.decoderPath);
  const decoderInBytes = await openModel(int8.decoderPath);
  const given = Object.fromEntries(
    Object.entries(seen)
      .filter(([name]) => decoder.inputs.includes(name))
      .map(([name, { values, shape }]) => {
        const perRow = /^[hc]\d$/.test(name) ? [4, 1, ...shape.slice(1)] : shape;
        return [name, float32(values, ...perRow)];
      }),
  );
  const feeds = { ...given, tokens: int32([1, 5, 9, 17], 4, 1) };
  const step = await decoder.run(feeds);
  const stepInBytes = await decoderInBytes.run(feeds);
  for (const [name, values] of Object.entries(step)) {
    if (name === 'words') continue;
    expect(relativeError(values, stepInBytes[name]!), name).toBeLessThan(TOLERANCE);
  }
}

describe('an int8 model', () => {
  it('is run by integer kernels: no product with weights is left in floats', async () => {
    const { int8 } = await both();
    expect(await operators(int8.encoderPath)).toEqual(expect.arrayContaining(['QLinearConv', 'QGemm']));
    expect((await operators(int8.encoderPath)).filter((name) => /^(Fused)?(Conv|Gemm)/.test(name))).toEqual(
      [],
    );
    // What is left multiplies with the attention's score, a vector, and with the attention itself.
    const products = (await operators(int8.decoderPath)).filter((name) => /Gemm|MatMul/.test(name));
    expect(products.sort()).toEqual(['Gemm', 'MatMul', 'QGemm', 'QGemm', 'QGemm', 'QGemm', 'QGemm']);
  });

  it('gives an image the same whatever images are beside it', async () => {
    const { int8 } = await both();
    const { run } = await openModel(int8.encoderPath);
    const alone = await run({ pixels: uint8(PICTURES[1]!, 1, 32, 32, 3) });
    const two = Uint8Array.of(...PICTURES[0]!, ...PICTURES[1]!);
    const beside = await run({ pixels: uint8(two, 2, 32, 32, 3) });
    const { values } = beside.memory!;
    expect([...values.subarray(values.length / 2)]).toEqual([...alone.memory!.values]);
  });

  it('can be trained further: its weights come back within a step, biases but for what int8 corrects', async () => {
    const { contents, int8 } = await both();
    expect(int8.manifest.precision).toBe('int8');
    const read = await readBundleWeights(int8);
    expectNear(contents.decoder, read.decoder);
    expectNear(contents.encoder.weights, read.encoder.weights);
    expect(read.encoder.layers).toEqual(contents.encoder.layers);
  });

  it('is not written without a calibration', async () => {
    await expect(
      writeBundle(join(folder, 'none'), tinyContents({ precision: 'int8' })),
    ).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });
});

function expectNear(given: Weights, read: Weights): void {
  expect([...read.keys()]).toEqual([...given.keys()]);
  for (const [name, { shape, values }] of given) {
    const back = read.get(name)!;
    expect(back.shape, name).toEqual(shape);
    const step = Math.max(...values.map(Math.abs)) / 127;
    const most = shape.length > 1 ? step * 1.01 : 0.1;
    values.forEach((value, place) => {
      expect(Math.abs(back.values[place]! - value), `${name} ${place}`).toBeLessThanOrEqual(most);
    });
  }
}

/** The operators of the graph that ONNX Runtime makes of a model. */
async function operators(path: string): Promise<string[]> {
  const optimised = `${path}.optimised`;
  const session = await InferenceSession.create(path, {
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: optimised,
    logSeverityLevel: 3,
  });
  await session.release();
  const model = onnxProto.onnx.ModelProto.decode(await readFile(optimised));
  return (model.graph?.node ?? []).map(({ opType }) => opType ?? '');
}
