import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { encoderConfigurationSchema } from '../../src/encoder/configuration.js';
import { loadEncoder } from '../../src/encoder/load-encoder.js';
import type { EncoderNetwork } from '../../src/encoder/network.js';
import { asGrid, normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { hasMobileNetV2, MOBILENET_V2 } from '../support/full-size-bundle.js';
import { largestDifference } from '../support/onnx-run.js';

type Package = typeof import('@tensorflow-models/mobilenet');
type Configuration = Parameters<Package['load']>[0];

/** What stands in for the package's download. */
const download = vi.hoisted(() => vi.fn<(configuration: Configuration) => Promise<unknown>>());
vi.mock('@tensorflow-models/mobilenet', () => ({ load: download }));

const TOLERANCE = 1e-3;
const FEATURE = 'module_apply_default/MobilenetV2/Conv_1/Relu6';
const LOGITS = 'module_apply_default/MobilenetV2/Logits/output';

/** Pictures 0…255 with edges and areas, since plain noise makes every feature alike. */
function pictures(): Tensor4D {
  const random = new Random(2);
  return tf.tidy(() => {
    const coarse = tf.tensor4d(
      Float32Array.from({ length: 2 * 14 * 14 * 3 }, () => random.integer(256)),
      [2, 14, 14, 3],
    );
    return tf.image.resizeBilinear(coarse, [224, 224]).round();
  });
}

function outputsOf(network: EncoderNetwork): Tensor[] {
  const tensors = encoderTensors(network);
  const wanted = [network.feature, network.classifier ?? network.feature];
  const outputs = runEncoder(network, tensors, normalisePixels(network, pictures()), wanted);
  tf.dispose([...tensors.values()]);
  return outputs;
}

describe.skipIf(!hasMobileNetV2)('MobileNetV2 from its files (needs ../shared/models)', () => {
  let network: EncoderNetwork;
  beforeAll(async () => {
    const configuration = { source: MOBILENET_V2, classifier: LOGITS };
    network = await loadEncoder(encoderConfigurationSchema.parse(configuration), 1);
  });

  it('sees what TensorFlow.js sees', async () => {
    const model = await tf.loadGraphModel(tf.io.fileSystem(MOBILENET_V2));
    const images = normalisePixels(network, pictures());
    const expected = model.execute(images, [FEATURE, LOGITS]) as Tensor[];
    const actual = outputsOf(network);
    expect(actual.map(({ shape }) => shape)).toEqual([
      [2, 7, 7, 1280],
      [2, 1001],
    ]);
    for (const [index, tensor] of expected.entries()) {
      expect(largestDifference(actual[index]!.dataSync(), tensor.dataSync())).toBeLessThan(TOLERANCE);
    }
  });

  it('is named after its folder', () => {
    expect(network.name).toBe('mobilenet_v2_1.0_224');
  });
});

describe.skipIf(!hasMobileNetV2)('the stock MobileNetV2 of the package (needs ../shared/models)', () => {
  /** As published: the same network, which brings pixels 0…1 to -1…1 itself. */
  async function published() {
    const artifacts = (await tf.io.fileSystem(MOBILENET_V2).load?.())!;
    const topology = artifacts.modelTopology as { node: { name: string; op: string; input?: string[] }[] };
    const scalars = [
      ['two', 2],
      ['one', 1],
    ] as const;
    const node = [
      ...topology.node.map((old) => ({
        ...old,
        ...(old.input
          ? { input: old.input.map((name) => (name === 'images' ? 'hub_input/Sub' : name)) }
          : {}),
      })),
      ...scalars.map(([name]) => ({ name, op: 'Const' })),
      { name: 'hub_input/Mul', op: 'Mul', input: ['images', 'two'] },
      { name: 'hub_input/Sub', op: 'Sub', input: ['hub_input/Mul', 'one'] },
    ];
    const scalar = (name: string) => ({ name, shape: [], dtype: 'float32' as const });
    const { load } = await vi.importActual<Package>('@tensorflow-models/mobilenet');
    return load({
      version: 2,
      alpha: 1,
      inputRange: [0, 1],
      modelUrl: tf.io.fromMemory({
        ...artifacts,
        modelTopology: { ...topology, node },
        weightSpecs: [...(artifacts.weightSpecs ?? []), ...scalars.map(([name]) => scalar(name))],
        weightData: Buffer.concat([
          Buffer.from(tf.io.CompositeArrayBuffer.join(artifacts.weightData)),
          Buffer.from(Float32Array.from(scalars, ([, value]) => value).buffer),
        ]).buffer.slice(0),
      }),
    });
  }

  it("gives the package's own embedding and classes", async () => {
    const model = await published();
    const images = pictures();
    const embedding = (model.infer(images as never, true) as Tensor).dataSync();
    const classes = (model.infer(images as never) as Tensor).dataSync();

    download.mockResolvedValueOnce(model);
    const before = tf.memory().numTensors;
    const network = await loadEncoder(encoderConfigurationSchema.parse({}), 1);
    expect(download).toHaveBeenLastCalledWith({ version: 2, alpha: 1 });
    // The package's tensors are given back.
    expect(tf.memory().numTensors).toBeLessThan(before);
    expect(network.name).toBe('mobilenet-v2-1.00');

    const [feature, logits] = outputsOf(network) as [Tensor, Tensor];
    const pooled = asGrid(feature).mean(1).dataSync();
    expect(largestDifference(pooled, embedding)).toBeLessThan(TOLERANCE);
    expect(Math.max(...embedding)).toBeGreaterThan(1);
    // The package leaves out the first class, the background.
    const named = tf.slice(logits, [0, 1], [-1, 1000]).dataSync();
    expect(largestDifference(named, classes)).toBeLessThan(TOLERANCE);
  });

  it('takes pictures of another size, then without classes', async () => {
    download.mockResolvedValueOnce(await published());
    const network = await loadEncoder(encoderConfigurationSchema.parse({ size: 96 }), 1);
    expect(network.classifier).toBeUndefined();
    const images = tf.image.resizeBilinear(pictures(), [96, 96]);
    const [feature] = runEncoder(network, encoderTensors(network), normalisePixels(network, images));
    expect(feature?.shape).toEqual([2, 3, 3, 1280]);
  });
});

describe('an encoder that cannot be had', () => {
  it('says what to do when the download fails', async () => {
    download.mockRejectedValueOnce(new Error('request failed, reason: getaddrinfo ENOTFOUND\nat fetch'));
    const loading = loadEncoder(encoderConfigurationSchema.parse({ alpha: 0.5 }), 1);
    await expect(loading).rejects.toMatchObject({
      code: 'ENCODER_UNAVAILABLE',
      received: 'request failed, reason: getaddrinfo ENOTFOUND',
      advice: expect.stringMatching(/encoder\.source.*--init models\/default/),
    });
    expect(download).toHaveBeenLastCalledWith({ version: 2, alpha: 0.5 });
  });

  it('is named when its files are missing or damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'graph-model-'));
    const path = join(folder, 'model.json');
    const failure = () => loadEncoder(encoderConfigurationSchema.parse({ source: path }), 1);
    const invalid = { code: 'ENCODER_INVALID', message: expect.stringContaining(path) };
    const weights = [{ name: 'kernel', shape: [3, 4], dtype: 'float32' }];
    const manifest = { weightsManifest: [{ paths: ['weights.bin'], weights }] };

    await expect(failure()).rejects.toMatchObject(invalid);
    await writeFile(path, 'not JSON');
    await expect(failure()).rejects.toMatchObject(invalid);
    await writeFile(path, JSON.stringify({ modelTopology: { node: [] } }));
    await expect(failure()).rejects.toMatchObject(invalid);
    await writeFile(path, JSON.stringify({ modelTopology: { node: [] }, ...manifest }));
    await expect(failure()).rejects.toMatchObject(invalid);
    await writeFile(join(dirname(path), 'weights.bin'), Buffer.alloc(48));
    await truncate(join(dirname(path), 'weights.bin'), 40);
    await expect(failure()).rejects.toMatchObject(invalid);
    await rm(folder, { recursive: true });
  });

  it('is told from a layers model, which must be converted first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'layers-model-'));
    const path = join(folder, 'model.json');
    const model = { modelTopology: { model_config: {} }, weightsManifest: [{ paths: [], weights: [] }] };
    await writeFile(path, JSON.stringify(model));
    await expect(loadEncoder(encoderConfigurationSchema.parse({ source: path }), 1)).rejects.toMatchObject({
      code: 'ENCODER_INVALID',
      message: expect.stringContaining('converted'),
    });
    await rm(folder, { recursive: true });
  });
});
